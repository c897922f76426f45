#include "studies/results.h"

#include <algorithm>
#include <cmath>

#include "studies/statistics.h"

namespace alexnet {
namespace {

/// Epochs until the training error is down to `error`, a straight line between the epochs around it. The
/// error of an epoch is the mean over the epoch.
RunValue epochs_to(double error, const std::vector<EpochMetrics>& epochs) {
  for (std::size_t i = 0; i < epochs.size(); ++i) {
    const double now = 1 - epochs[i].train_top1;
    if (now > error) continue;
    if (i == 0) return {1, false};
    const double before = 1 - epochs[i - 1].train_top1;
    return {static_cast<double>(i) + (before - error) / (before - now), false};
  }
  return {static_cast<double>(epochs.size()), true};
}

Estimate estimate_of(const std::vector<RunValue>& values) {
  std::vector<double> known;
  bool at_least = false;
  for (const RunValue& value : values) {
    known.push_back(value.value);
    at_least = at_least || value.at_least;
  }
  Estimate result = estimate(known);
  result.at_least = at_least;
  if (at_least) result.stddev = result.low = result.high = std::nan("");
  return result;
}

void beside_base(const Study& study, const VariantResult& base, VariantResult& variant) {
  std::vector<double> values, bases;
  bool at_least = false, known = true;
  for (std::size_t i = 0; i < variant.runs.size(); ++i) {
    const RunValue mine = value_of(study, variant.runs[i]), other = value_of(study, base.runs[i]);
    if (std::isnan(mine.value) || std::isnan(other.value)) continue;
    values.push_back(mine.value);
    bases.push_back(other.value);
    variant.differences.push_back(mine.value - other.value);
    at_least = at_least || mine.at_least;
    known = known && !other.at_least;
  }
  if (!known) {  // beyond what the base may have needed nothing can be said
    variant.differences.clear();
    return;
  }
  const auto finished = [&](Estimate result) {
    result.at_least = at_least;
    if (at_least) result.stddev = result.low = result.high = std::nan("");
    return result;
  };
  variant.difference = finished(estimate(variant.differences));
  if (study.measure == StudyMeasure::kEpochs && !values.empty())
    variant.ratio = finished(ratio(values, bases));
}

}  // namespace

RunValue value_of(const Study& study, const StudyRun& run) {
  if (run.state != StudyRun::State::kDone || run.epochs.empty()) return {std::nan(""), false};
  if (study.measure == StudyMeasure::kEpochs) return epochs_to(study.train_error, run.epochs);
  return {run.epochs.back().val_top1.value_or(std::nan("")), false};
}

std::vector<VariantResult> compare(const Study& study, const std::vector<StudyRun>& runs) {
  std::vector<VariantResult> results;
  for (std::size_t v = 0; v < study.variants.size(); ++v) {
    VariantResult result;
    result.name = study.variants[v].name;
    result.asks = study.variants[v].asks;
    for (const std::uint64_t seed : study.seeds)
      result.runs.push_back(*std::find_if(runs.begin(), runs.end(), [&](const StudyRun& run) {
        return run.variant == v && run.seed == seed;
      }));
    std::vector<RunValue> values;
    std::vector<double> train_top1;
    for (const StudyRun& run : result.runs) {
      result.minutes += run.seconds / 60;
      const RunValue value = value_of(study, run);
      if (std::isnan(value.value)) continue;
      values.push_back(value);
      train_top1.push_back(run.epochs.back().train_top1);
    }
    result.value = estimate_of(values);
    result.train_top1 = estimate(train_top1);
    if (v > 0) beside_base(study, results.front(), result);
    results.push_back(std::move(result));
  }
  return results;
}

}  // namespace alexnet
