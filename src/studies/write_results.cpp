#include "studies/write_results.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "base/run_file_names.h"
#include "charts/charts.h"
#include "fmt/format.h"
#include "studies/estimate_text.h"
#include "studies/results.h"
#include "text/text.h"

namespace alexnet {
namespace {

using Json = nlohmann::ordered_json;
using State = StudyRun::State;

bool counts_epochs(const Study& study) { return study.measure == StudyMeasure::kEpochs; }

std::size_t runs_in(const VariantResult& variant, State state) {
  return static_cast<std::size_t>(std::count_if(variant.runs.begin(), variant.runs.end(),
                                                [&](const StudyRun& run) { return run.state == state; }));
}

/// "3", "2 of 3", "2 of 3, 1 diverged".
std::string seeds_text(const VariantResult& variant) {
  const std::size_t done = runs_in(variant, State::kDone), diverged = runs_in(variant, State::kDiverged);
  std::string text =
      done == variant.runs.size() ? std::to_string(done) : fmt::format("{} of {}", done, variant.runs.size());
  if (diverged > 0) text += fmt::format(", {} diverged", diverged);
  return text;
}

std::string ratio_text(const Estimate& ratio) {
  if (std::isnan(ratio.mean)) return "-";
  std::string text = fmt::format("{}{:.2f}", ratio.at_least ? "> " : "", ratio.mean);
  if (!std::isnan(ratio.low)) text += fmt::format(" ({:.2f} to {:.2f})", ratio.low, ratio.high);
  return text;
}

/// "|" would end the cell.
std::string cell(const std::string& text) {
  std::string safe;
  for (const char c : text) safe += c == '|' ? std::string("\\|") : std::string(1, c == '\n' ? ' ' : c);
  return safe;
}

Json number(double value) { return std::isfinite(value) ? Json(value) : Json(nullptr); }

Json json_of(const Estimate& estimate) {
  return {{"count", estimate.count},     {"mean", number(estimate.mean)}, {"stddev", number(estimate.stddev)},
          {"low", number(estimate.low)}, {"high", number(estimate.high)}, {"at_least", estimate.at_least}};
}

Json json_of(const Study& study, const StudyRun& run) {
  const char* state = run.state == State::kDone       ? "done"
                      : run.state == State::kDiverged ? "diverged"
                                                      : "waiting";
  const RunValue value = value_of(study, run);
  Json json = {{"seed", run.seed},
               {"state", state},
               {"value", number(value.value)},
               {"at_least", value.at_least},
               {"epochs", run.epochs.size()},
               {"seconds", run.seconds},
               {"folder", run.folder.string()}};
  if (!run.problem.empty()) json["problem"] = run.problem;
  return json;
}

std::string csv(const StudyResult& result) {
  std::string text =
      "variant,seeds,done,diverged,mean,stddev,low,high,at_least,difference,difference_low,difference_"
      "high,ratio,"
      "ratio_low,ratio_high,train_top1,minutes\n";
  const auto decimal = [](double value) {
    return std::isfinite(value) ? fmt::format("{:.6g}", value) : std::string();
  };
  for (const VariantResult& v : result.variants)
    text += fmt::format("{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{:.2f}\n", csv_cell(v.name),
                        v.runs.size(), runs_in(v, State::kDone), runs_in(v, State::kDiverged),
                        decimal(v.value.mean), decimal(v.value.stddev), decimal(v.value.low),
                        decimal(v.value.high), v.value.at_least ? 1 : 0, decimal(v.difference.mean),
                        decimal(v.difference.low), decimal(v.difference.high), decimal(v.ratio.mean),
                        decimal(v.ratio.low), decimal(v.ratio.high), decimal(v.train_top1.mean), v.minutes);
  return text;
}

std::string markdown(const Study& study, const StudyResult& result) {
  std::string text = fmt::format("## {}\n\n", study.title);
  if (!study.about.empty()) text += study.about + "\n\n";
  text += study_table(study, result);
  if (charts_available()) text += "\n![Differences](differences.png)\n\n![Learning curves](curves.png)\n";
  return text;
}

}  // namespace

std::string study_table(const Study& study, const StudyResult& result) {
  const bool epochs = counts_epochs(study);
  const std::string base = cell(study.variants.front().name);
  std::string text = fmt::format(
      "| variant | seeds | {} | 95 % interval | difference from {} | 95 % interval |{} training top-1 | "
      "minutes |\n",
      measure_text(study), base, epochs ? " times |" : "");
  text += fmt::format("|---|---|---|---|---|---|{}---|---|\n", epochs ? "---|" : "");
  double minutes = 0;
  for (const VariantResult& v : result.variants) {
    const bool is_base = &v == &result.variants.front();
    text += fmt::format("| {} | {} | {} | {} | {} | {} |{} {} | {:.1f} |\n", cell(v.name), seeds_text(v),
                        value_text(study, v.value), interval_text(study, v.value, false),
                        is_base ? "" : difference_text(study, v.difference),
                        is_base ? "" : interval_text(study, v.difference, true),
                        epochs ? fmt::format(" {} |", is_base ? "" : ratio_text(v.ratio)) : "",
                        std::isnan(v.train_top1.mean) ? "-" : fmt::format("{:.4f}", v.train_top1.mean),
                        v.minutes);
    minutes += v.minutes;
  }
  text += "\n";
  for (const VariantResult& v : result.variants)
    if (!v.asks.empty()) text += fmt::format("- {}: {}\n", cell(v.name), v.asks);
  for (const VariantResult& v : result.variants)
    for (const StudyRun& run : v.runs)
      if (run.state == State::kDiverged)
        text += fmt::format("- {}, seed {}: {}\n", cell(v.name), run.seed, run.problem);
  text += fmt::format(
      "\nMean ± standard deviation over seeds; differences are taken seed by seed, intervals are Student's. "
      "{:.0f} "
      "minutes of training in all.\n",
      minutes);
  return text;
}

std::string study_json(const Study& study, const StudyResult& result) {
  Json variants = Json::array();
  for (const VariantResult& v : result.variants) {
    Json runs = Json::array();
    for (const StudyRun& run : v.runs) runs.push_back(json_of(study, run));
    variants.push_back({{"name", v.name},
                        {"asks", v.asks},
                        {"value", json_of(v.value)},
                        {"train_top1", json_of(v.train_top1)},
                        {"difference", json_of(v.difference)},
                        {"ratio", json_of(v.ratio)},
                        {"differences", v.differences},
                        {"minutes", v.minutes},
                        {"runs", runs}});
  }
  const Json json = {{"title", study.title},
                     {"measure", counts_epochs(study) ? "epochs" : "top1"},
                     {"train_error", counts_epochs(study) ? Json(study.train_error) : Json(nullptr)},
                     {"seeds", study.seeds},
                     {"interrupted", result.interrupted},
                     {"variants", variants}};
  return json.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

void write_results(const Study& study, const StudyResult& result, const std::filesystem::path& out) {
  write_file(out / kStudyTable, markdown(study, result));
  write_file(out / kStudyRows, csv(result));
  write_file(out / kStudyResults, study_json(study, result));
  draw_differences(study, result, out / "differences.png");
  draw_learning(study, result, out / "curves.png");
}

}  // namespace alexnet
