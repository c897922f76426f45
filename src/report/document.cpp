#include "report/document.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "alexnet/settings.h"
#include "base/machine.h"
#include "fmt/chrono.h"
#include "fmt/format.h"
#include "report/report_images.h"
#include "report/verdict.h"
#include "train/listeners/event_images.h"
#include "train/settings/file_settings.h"

namespace alexnet {
namespace {

using Json = nlohmann::ordered_json;

// Images shown: in each list; of each cell of the confusion matrix; of all cells together.
constexpr std::size_t kListed = 48, kPerCell = 12, kPerClass = 6, kInCells = 2000;
constexpr std::size_t kSamples = 4, kMaxSampledClasses = 100;

Json number(double value) { return std::isfinite(value) ? Json(value) : Json(); }
Json number(const std::optional<double>& value) { return value ? number(*value) : Json(); }

Json epochs_of(const Findings& findings) {
  Json rows = Json::array();
  for (const EpochMetrics& e : findings.epochs)
    rows.push_back({{"epoch", e.epoch},
                    {"lr", e.lr},
                    {"train_loss", number(e.train_loss)},
                    {"train_top1", number(e.train_top1)},
                    {"val_loss", number(e.val_loss)},
                    {"val_top1", number(e.val_top1)},
                    {"val_top5", number(e.val_top5)},
                    {"images_per_s", number(e.images_per_s)},
                    {"seconds", number(e.seconds)}});
  return rows;
}

Json settings_of(const TrainConfig& config) {
  const TrainConfig usual;
  Json rows = Json::array();
  for (const Setting& setting : file_settings()) {
    const std::string value = setting.get(config);
    rows.push_back({{"name", setting.name},
                    {"value", value},
                    {"help", setting.help},
                    {"changed", value != setting.get(usual)}});
  }
  return rows;
}

Json test_of(const Evaluation& result) {
  const std::int64_t right = hits(result.judgements);
  const Interval interval = wilson_interval(right, result.images);
  Json scores = Json::array(), confusion = Json::array(), bins = Json::array();
  for (const ClassScore& score : class_scores(result.confusion)) {
    const auto class_hits =
        std::isfinite(score.recall) ? std::llround(score.recall * static_cast<double>(score.images)) : 0;
    const Interval recall = wilson_interval(class_hits, score.images);
    scores.push_back({{"images", score.images},
                      {"precision", number(score.precision)},
                      {"recall", number(score.recall)},
                      {"low", recall.low},
                      {"high", recall.high},
                      {"f1", number(score.f1)}});
  }
  for (int truth = 0; truth < result.confusion.classes; ++truth)
    for (int predicted = 0; predicted < result.confusion.classes; ++predicted)
      if (const auto count = result.confusion.at(truth, predicted); count > 0)
        confusion.push_back({truth, predicted, count});
  const Calibration calibrated = calibration(result.judgements);
  for (const CalibrationBin& bin : calibrated.bins)
    bins.push_back({{"images", bin.images}, {"confidence", bin.confidence}, {"accuracy", bin.accuracy}});
  return {{"images", result.images},
          {"hits", right},
          {"top1", result.top1},
          {"low", interval.low},
          {"high", interval.high},
          {"top5", result.top5},
          {"loss", number(result.loss)},
          {"scores", scores},
          {"confusion", confusion},
          {"bins", bins},
          {"calibration_error", calibrated.error}};
}

std::vector<Judgement> sorted_by(std::vector<Judgement> judgements, bool surest_first) {
  std::ranges::stable_sort(judgements, {},
                           [&](const Judgement& j) { return surest_first ? -j.confidence : j.confidence; });
  return judgements;
}

std::vector<Judgement> those(const Tested& tested, bool right) {
  std::vector<Judgement> found;
  std::ranges::copy_if(tested.evaluation.judgements, std::back_inserter(found),
                       [&](const Judgement& j) { return j.right() == right; });
  return found;
}

/// Images for the confusion matrix: of each cell the surest mistakes, and of each class those that were
/// right but only just.
void add_cells(ReportImages& images, const Tested& tested) {
  std::map<std::pair<int, int>, std::size_t> shown;
  std::size_t all = 0;
  const auto add = [&](const Judgement& judgement, std::size_t max) {
    if (all >= kInCells || shown[{judgement.truth, judgement.predicted}] >= max) return;
    ++shown[{judgement.truth, judgement.predicted}];
    ++all;
    images.add("validation", tested, judgement);
  };
  for (const Judgement& judgement : sorted_by(those(tested, false), true)) add(judgement, kPerCell);
  for (const Judgement& judgement : sorted_by(those(tested, true), false)) add(judgement, kPerClass);
}

/// The first images of each class.
Json samples_of(ReportImages& images, const std::string& set, const Tested& tested, std::size_t classes) {
  std::vector<std::vector<std::size_t>> samples(classes);
  if (classes <= kMaxSampledClasses)
    for (const Judgement& judgement : tested.evaluation.judgements)
      if (auto& own = samples[static_cast<std::size_t>(judgement.truth)]; own.size() < kSamples)
        own.push_back(images.add(set, tested, judgement));
  return samples;
}

const Judgement* judgement_of(const Tested& tested, std::size_t index) {
  const auto& all = tested.evaluation.judgements;  // in the order of the source
  const auto found = std::ranges::lower_bound(all, static_cast<std::int64_t>(index), {}, &Judgement::index);
  return found == all.end() || found->index != static_cast<std::int64_t>(index) ? nullptr : &*found;
}

Json duplicates_of(ReportImages& images, const Findings& findings) {
  Json pairs = Json::array();
  for (const NearDuplicate& pair : findings.duplicates) {
    if (pairs.size() >= kListed) break;
    const Judgement* validation = judgement_of(*findings.validation, pair.first);
    const Judgement* training = judgement_of(*findings.training, pair.second);
    if (validation != nullptr && training != nullptr)
      pairs.push_back({{"validation", images.add("validation", *findings.validation, *validation)},
                       {"train", images.add("train", *findings.training, *training)},
                       {"difference", pair.difference}});
  }
  return pairs;
}

/// Of both sets, those that differ most from their label first.
void add_suspicious(Json& json, ReportImages& images, const Findings& findings, int classes) {
  json["suspicious"] = Json::object();
  for (const auto& [set, tested] :
       {std::pair("validation", &findings.validation), std::pair("train", &findings.training)}) {
    if (!*tested) continue;
    const std::vector<Judgement> found = suspicious_labels((*tested)->evaluation.judgements, classes);
    json["suspicious"][set] = {{"count", found.size()},
                               {"images", images.add(set, **tested, found, kListed)}};
  }
}

Json filters_of(const Model& model) {
  const auto filters = filter_sheet(model);
  if (!filters) return {};
  return {{"layer", filters->layer},
          {"count", filters->count},
          {"size", filters->side},
          {"src", data_uri("image/png", filters->sheet.png)}};
}

Json run_of(const Findings& findings) {
  const Model& model = findings.model;
  const std::size_t classes = model.classes.size();
  ReportImages images;
  Json json = {{"name", findings.run.filename().string()},
               {"path", findings.run.string()},
               {"network", model.spec.name},
               {"input", to_string(model.spec.input)},
               {"weights", summarize(model.spec).weights},
               {"classes", model.classes},
               {"provenance", model.provenance},
               {"epochs", epochs_of(findings)},
               {"settings", settings_of(findings.config)},
               {"environment", findings.environment},
               {"filters", filters_of(model)},
               {"train_counts", findings.training_counts},
               {"validation_counts", findings.validation_counts}};
  json["verdict"] = Json::array();
  for (const Remark& remark : verdict(findings))
    json["verdict"].push_back({{"tone", remark.tone == Remark::Tone::kGood       ? "good"
                                        : remark.tone == Remark::Tone::kDoubtful ? "doubtful"
                                                                                 : "plain"},
                               {"text", remark.text}});
  json["left_out"] = Json::array();
  for (const LeftOut& one : findings.left_out)
    json["left_out"].push_back({{"set", one.set}, {"file", one.file}, {"reason", one.reason}});

  if (findings.validation) {
    const Tested& tested = *findings.validation;
    json["test"] = test_of(tested.evaluation);
    json["worst"] = images.add("validation", tested, sorted_by(those(tested, false), true), kListed);
    json["uncertain"] =
        images.add("validation", tested, sorted_by(tested.evaluation.judgements, false), kListed);
    add_cells(images, tested);
  }
  if (findings.training)
    json["training"] = {{"images", findings.training->evaluation.images},
                        {"top1", findings.training->evaluation.top1}};
  if (findings.training || findings.validation)
    json["samples"] = findings.training ? samples_of(images, "train", *findings.training, classes)
                                        : samples_of(images, "validation", *findings.validation, classes);
  add_suspicious(json, images, findings, static_cast<int>(classes));
  if (findings.validation && findings.training) {
    json["duplicates"] = duplicates_of(images, findings);
    json["duplicate_count"] = findings.duplicates.size();
  }
  json["images"] = images.to_json(model.spec.input.channels);
  return json;
}

}  // namespace

Json report_document(const std::vector<Findings>& runs) {
  Json document = {{"written", fmt::format("{:%Y-%m-%d %H:%M}", fmt::localtime(std::time(nullptr)))},
                   {"program", this_machine().program},
                   {"comparison", comparison(runs)},
                   {"runs", Json::array()}};
  for (const Findings& findings : runs) document["runs"].push_back(run_of(findings));
  return document;
}

}  // namespace alexnet
