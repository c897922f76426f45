#include "parity/report_page.h"

#include <fmt/format.h>

#include <string_view>
#include <vector>

#include "text/text.h"

namespace alexnet::cli {
namespace {

using nlohmann::ordered_json;

constexpr std::string_view kHead = R"(<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{0}</title><style>
:root {{ color-scheme: light dark; --line: light-dark(#dfe3e8, #333a43); --faint: light-dark(#626b76, #98a2ae);
  --good: light-dark(#e4f4ea, #1b3527); --bad: light-dark(#fbe3e1, #4a211e); }}
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 0 auto; padding: 1rem;
  background: light-dark(#fff, #14171b); color: light-dark(#1c2025, #e4e7eb); }}
h1 {{ font-size: 1.4rem; overflow-wrap: anywhere; }} h2 {{ font-size: 1.15rem; margin: 1.6rem 0 0.4rem; }}
.scroll {{ overflow-x: auto; }} .faint {{ color: var(--faint); }}
.verdict {{ padding: 0.6rem 1rem; border-radius: 6px; font-weight: 600; }}
.good {{ background: var(--good); }} .bad {{ background: var(--bad); }}
table {{ border-collapse: collapse; }}
th, td {{ text-align: left; padding: 0.2rem 0.9rem 0.2rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }}
td.number, th.number {{ text-align: right; font-variant-numeric: tabular-nums; }}
code {{ font: 0.85rem ui-monospace, monospace; overflow-wrap: anywhere; }}
</style></head><body><h1>{0}</h1>
)";

/// Text of files and names between tags.
std::string escaped(std::string_view text) {
  std::string result;
  for (const char c : printable(text)) {
    if (c == '<')
      result += "&lt;";
    else if (c == '&')
      result += "&amp;";
    else
      result += c;
  }
  return result;
}

std::string text_of(const ordered_json& value) {
  if (value.is_null()) return "-";
  if (value.is_number_float()) return fmt::format("{:.3g}", value.get<double>());
  if (value.is_array()) {
    std::vector<std::string> parts;
    for (const ordered_json& part : value) parts.push_back(text_of(part));
    return fmt::format("{}", fmt::join(parts, " "));
  }
  return value.is_string() ? value.get<std::string>() : value.dump();
}

/// A table of objects with the same keys.
std::string table_of(const ordered_json& rows,
                     const std::vector<std::pair<const char*, const char*>>& columns) {
  std::string html = "<div class=\"scroll\"><table><tr>";
  const auto align = [&](const char* key) {
    return rows.front().at(key).is_number() || rows.front().at(key).is_null() ? " class=\"number\"" : "";
  };
  for (const auto& [key, title] : columns) html += fmt::format("<th{}>{}</th>", align(key), title);
  html += "</tr>\n";
  for (const ordered_json& row : rows) {
    html += "<tr>";
    for (const auto& [key, title] : columns)
      html += fmt::format("<td{}>{}</td>", align(key), escaped(text_of(row.at(key))));
    html += "</tr>\n";
  }
  return html + "</table></div>\n";
}

std::string facts(const ordered_json& report) {
  const std::pair<const char*, const char*> lines[] = {
      {"file", "file"},           {"format", "format"}, {"version", "version"}, {"producer", "producer"},
      {"family", "known family"}, {"digest", "digest"}, {"out", "written to"}};
  std::string html = "<table>\n";
  for (const auto& [key, title] : lines)
    if (const std::string text = text_of(report.at(key)); !text.empty())
      html += fmt::format("<tr><th>{}</th><td><code>{}</code></td></tr>\n", title, escaped(text));
  return html + "</table>\n";
}

std::string compared(const ordered_json& inputs) {
  const ordered_json& outputs = inputs.at("outputs");
  std::string html = fmt::format(
      "<p>{} images: {}. Outputs of {}: largest difference {}, mean {}; largest output {}, bound {}. Same "
      "top-1: {} "
      "of {}.</p>\n",
      text_of(inputs.at("images")), escaped(text_of(inputs.at("input"))),
      escaped(text_of(outputs.at("layer"))), text_of(outputs.at("largest_difference")),
      text_of(outputs.at("mean_difference")), text_of(outputs.at("largest_output")),
      text_of(outputs.at("bound")), text_of(inputs.at("same_top1")), text_of(inputs.at("images")));
  if (inputs.at("layers").size() > 1)
    html += table_of(inputs.at("layers"), {{"layer", "layer"},
                                           {"largest_difference", "largest difference"},
                                           {"mean_difference", "mean difference"},
                                           {"largest_output", "largest output"},
                                           {"bound", "bound"}});
  return html;
}

}  // namespace

std::string report_page(const ordered_json& report) {
  const ordered_json& comparison = report.at("comparison");
  std::string html = fmt::format(fmt::runtime(kHead), escaped(text_of(report.at("file"))));
  const bool equal = report.at("equal").get<bool>();
  html += fmt::format("<p class=\"verdict {}\">{}</p>\n", equal ? "good" : "bad",
                      escaped(text_of(report.at("verdict"))));
  html += facts(report);
  html += fmt::format("<h2>Comparison with {}</h2>\n", escaped(text_of(comparison.at("program"))));
  if (!comparison.at("with_source_program").get<bool>())
    html += fmt::format("<p class=\"faint\">Not compared with the program of the file: {}</p>\n",
                        escaped(text_of(comparison.at("reason"))));
  html += compared(comparison.at("numbers"));
  if (comparison.contains("images")) html += compared(comparison.at("images"));
  if (!report.at("assumptions").empty())
    html += "<h2>Assumptions</h2>\n" +
            table_of(report.at("assumptions"), {{"what", "what"}, {"value", "value"}, {"from", "from"}});
  html += "<h2>Tensors</h2>\n" + table_of(report.at("tensors"), {{"name", "tensor"},
                                                                 {"shape", "shape"},
                                                                 {"source", "source"},
                                                                 {"source_shape", "shape there"},
                                                                 {"permutation", "permutation"},
                                                                 {"change", "change"}});
  if (!report.at("ignored").empty()) {
    ordered_json rows = ordered_json::array();
    for (const auto& [name, reason] : report.at("ignored").items())
      rows.push_back({{"name", name}, {"reason", reason}});
    html += "<h2>Ignored tensors</h2>\n" + table_of(rows, {{"name", "tensor"}, {"reason", "reason"}});
  }
  html += fmt::format("<h2>Command</h2>\n<p><code>{}</code></p>\n</body></html>\n",
                      escaped(text_of(report.at("command"))));
  return html;
}

}  // namespace alexnet::cli
