#include "parity/report.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <filesystem>
#include <fstream>

#include "alexnet/error.h"
#include "console/output.h"
#include "parity/report_page.h"
#include "text/text.h"

namespace alexnet::cli {
namespace {

using nlohmann::ordered_json;

std::string_view text_of(Assumption::From from) {
  switch (from) {
    case Assumption::From::kFile:
      return "file";
    case Assumption::From::kFamily:
      return "family";
    case Assumption::From::kDefault:
      return "default";
    case Assumption::From::kFlag:
      return "flag";
  }
  return "";
}

/// "as it is"; "permuted 3 2 0 1"; "viewed as 6x6x256x4096, permuted 3 2 0 1".
std::string change_of(const TensorSource& source) {
  std::string text;
  const auto add = [&](const std::string& part) { text += (text.empty() ? "" : ", ") + part; };
  if (!source.view.empty()) add("viewed as " + to_string(source.view));
  if (!source.permutation.empty()) add(fmt::format("permuted {}", fmt::join(source.permutation, " ")));
  if (!source.change.empty()) add(source.change);
  return text.empty() ? "as it is" : text;
}

TensorSource source_of(const StoredWeights& stored, const std::string& name) {
  const auto found = stored.origin.sources.find(name);
  return found == stored.origin.sources.end() ? TensorSource{name, stored.weights.at(name).shape}
                                              : found->second;
}

void print_tensors(const StoredWeights& stored) {
  std::vector<std::vector<std::string>> rows = {{"tensor", "source", "shape", "order"}};
  for (const ParameterInfo& info : parameters(*stored.spec)) {
    const TensorSource source = source_of(stored, info.name);
    rows.push_back({info.name, printable(source.name), to_string(source.shape), change_of(source)});
  }
  output(table(rows) + "\n");
}

void print_ignored(const std::map<std::string, std::string>& ignored) {
  constexpr std::size_t kShown = 8;
  std::size_t shown = 0;
  for (const auto& [name, reason] : ignored) {
    if (shown++ == kShown) break;
    output(fmt::format("  ignored: {}, which {}\n", printable(name), printable(reason)));
  }
  if (ignored.size() > kShown) output(fmt::format("  ignored: {} more tensors\n", ignored.size() - kShown));
}

std::string title_of(const ComparedInputs& inputs) {
  return fmt::format("{} images: {}; outputs of {}", inputs.count, inputs.what, inputs.outputs.layer);
}

std::string text_of(const ComparedInputs& inputs) {
  const Difference& d = inputs.outputs;
  return fmt::format(
      "largest difference {:.2g}, mean {:.2g}; largest output {:.4g}, bound {:.2g}; same top-1: {} of {}",
      d.largest, d.mean, d.largest_output, d.bound(), inputs.same_top1, inputs.count);
}

/// One layer is the last one, of which all is said elsewhere.
std::vector<std::vector<std::string>> layer_rows(const ComparedInputs& inputs) {
  if (inputs.layers.size() < 2) return {};
  std::vector<std::vector<std::string>> rows = {
      {"layer", "largest difference", "mean", "largest output", "ratio"}};
  for (const Difference& d : inputs.layers)
    rows.push_back({d.layer, fmt::format("{:.2g}", d.largest), fmt::format("{:.2g}", d.mean),
                    fmt::format("{:.4g}", d.largest_output),
                    d.largest_output > 0 ? fmt::format("{:.2g}", d.largest / d.largest_output) : "-"});
  return rows;
}

void print_compared(const ComparedInputs& inputs) {
  output(fmt::format("  {}\n    {}\n", printable(title_of(inputs)), text_of(inputs)));
}

ordered_json json_of(const Difference& d) {
  return {{"layer", d.layer},
          {"largest_difference", json_number(d.largest)},
          {"mean_difference", json_number(d.mean)},
          {"largest_output", json_number(d.largest_output)},
          {"bound", json_number(d.bound())}};
}

ordered_json json_of(const ComparedInputs& inputs) {
  ordered_json layers = ordered_json::array();
  for (const Difference& d : inputs.layers) layers.push_back(json_of(d));
  return {{"input", inputs.what},
          {"images", inputs.count},
          {"same_top1", inputs.same_top1},
          {"outputs", json_of(inputs.outputs)},
          {"layers", layers}};
}

}  // namespace

std::string verdict(const Comparison& comparison) {
  if (!comparison.equal()) return "differs from " + comparison.program;
  if (comparison.with_source) return "equal to " + comparison.program;
  return "not compared with its source program; this program's engines agree";
}

void print_report(const ParityReport& report) {
  const Origin& origin = report.stored.origin;
  const auto line = [](std::string_view label, const std::string& text) {
    output(fmt::format("  {:<20}{}\n", label, printable(text)));
  };
  output(printable(report.file) + "\n");
  line("format", origin.format + (origin.version.empty() ? "" : ", " + origin.version));
  line("producer", origin.producer.empty() ? "unknown" : origin.producer);
  line("network", origin.family.empty() ? report.stored.spec->name : origin.family);
  line("digest", report.stored.digest);
  output("\n");
  print_tensors(report.stored);
  for (const Assumption& assumption : origin.assumptions)
    line(assumption.what, fmt::format("{} ({})", assumption.value, text_of(assumption.from)));
  print_ignored(origin.ignored);
  print_comparison(report.comparison);
  output(fmt::format("written to {}\nrepeat:  {}\n", printable(report.out), report.command));
}

void print_comparison(const Comparison& c) {
  output(fmt::format("\ncompared with {}\n", printable(c.program)));
  if (!c.with_source) output(fmt::format("  not with the program of the file: {}\n", printable(c.reason)));
  print_compared(c.numbers);
  if (c.images) print_compared(*c.images);
  if (const auto rows = layer_rows(c.numbers); !rows.empty()) output("\n" + table(rows));
  output(fmt::format("verdict: {}\n", verdict(c)));
}

ordered_json report_json(const ParityReport& report) {
  const Origin& origin = report.stored.origin;
  ordered_json tensors = ordered_json::array(), assumptions = ordered_json::array();
  for (const ParameterInfo& info : parameters(*report.stored.spec)) {
    const TensorSource source = source_of(report.stored, info.name);
    tensors.push_back({{"name", info.name},
                       {"shape", info.shape},
                       {"source", source.name},
                       {"source_shape", source.shape},
                       {"view", source.view},
                       {"permutation", source.permutation},
                       {"change", source.change}});
  }
  for (const Assumption& assumption : origin.assumptions)
    assumptions.push_back(
        {{"what", assumption.what}, {"value", assumption.value}, {"from", text_of(assumption.from)}});
  const Comparison& c = report.comparison;
  ordered_json comparison = {{"program", c.program},
                             {"with_source_program", c.with_source},
                             {"reason", c.reason},
                             {"numbers", json_of(c.numbers)}};
  if (c.images) comparison["images"] = json_of(*c.images);
  return {{"file", report.file},
          {"out", report.out},
          {"format", origin.format},
          {"producer", origin.producer},
          {"version", origin.version},
          {"family", origin.family},
          {"digest", report.stored.digest},
          {"network", ordered_json::parse(spec_to_json(*report.stored.spec))},
          {"classes", report.stored.classes},
          {"tensors", tensors},
          {"assumptions", assumptions},
          {"ignored", origin.ignored},
          {"comparison", comparison},
          {"equal", c.equal()},
          {"verdict", verdict(c)},
          {"command", report.command}};
}

void write_report(const ParityReport& report, const std::string& file) {
  std::ofstream out(file, std::ios::binary);
  out << (std::filesystem::path(file).extension() == ".html"
              ? report_page(report_json(report))
              : report_json(report).dump(2, ' ', false, ordered_json::error_handler_t::replace) + "\n");
  if (!out.flush()) throw DataError(file, "cannot be written");
}

}  // namespace alexnet::cli
