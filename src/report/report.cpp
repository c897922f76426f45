#include "alexnet/report.h"

#include <string>
#include <vector>

#include "alexnet/error.h"
#include "alexnet/settings.h"
#include "alexnet/train.h"
#include "base/file.h"
#include "report/document.h"
#include "report/findings.h"
#include "report/page.h"
#include "train/run/run_files.h"

namespace alexnet {
namespace {

namespace fs = std::filesystem;

/// Inside a <script> nothing but "</" and "<!--" could end or comment out the data.
std::string harmless(const nlohmann::ordered_json& document) {
  std::string text = document.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  for (std::size_t at = 0; (at = text.find('<', at)) != std::string::npos;) text.replace(at, 1, "\\u003c");
  return text;
}

/// The folder of a run that lies among its images is known to be one: there a report does no harm.
void check_place(const fs::path& run, const fs::path& html) {
  const RunFiles files(run);
  if (!fs::exists(files.config())) return;  // find_out() says it
  TrainConfig config;
  apply_config_file(config, files.config());
  for (const std::string& data : {config.data, config.validation})
    if (!data.empty()) require_outside(data, "--out", html);
}

}  // namespace

void write_report(std::span<const fs::path> runs, const fs::path& html, const ReportOptions& options) {
  if (runs.empty()) throw UsageError("report", "no run is given", "name the folder of a run");
  for (const fs::path& run : runs) check_place(run, html);
  std::vector<Findings> findings;
  findings.reserve(runs.size());
  for (const fs::path& run : runs) findings.push_back(find_out(one_spelling(run), options));
  std::string page(kReportHtml);
  const auto put = [&](const std::string& place, std::string_view content) {
    page.replace(page.find(place), place.size(), content);
  };
  put("/*report.css*/", kReportCss);
  put("/*report.js*/", kReportJs);
  put("/*report.json*/", harmless(report_document(findings)));
  write_file(html, page);
}

}  // namespace alexnet
