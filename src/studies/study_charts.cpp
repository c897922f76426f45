// The charts of a study, drawn by src/charts.
#include <algorithm>
#include <cmath>

#include "charts/band_chart.h"
#include "charts/interval_chart.h"
#include "fmt/format.h"
#include "studies/estimate_text.h"
#include "studies/write_results.h"

namespace alexnet {
namespace {

/// What the curves show of an epoch; NaN for none.
double shown(const Study& study, const EpochMetrics& epoch) {
  if (study.measure == StudyMeasure::kEpochs) return 1 - epoch.train_top1;
  return epoch.val_top1.value_or(std::nan(""));
}

/// Mean, minimum and maximum of the seeds, over those that had the epoch.
Band band_of(const Study& study, const VariantResult& variant) {
  Band band{variant.name, {}, {}, {}};
  for (std::size_t epoch = 0;; ++epoch) {
    double sum = 0, low = 1, high = 0;
    int count = 0;
    bool any = false;
    for (const StudyRun& run : variant.runs) {
      if (epoch >= run.epochs.size()) continue;
      any = true;
      const double value = shown(study, run.epochs[epoch]);
      if (std::isnan(value)) continue;
      sum += value;
      low = std::min(low, value);
      high = std::max(high, value);
      ++count;
    }
    if (!any) return band;
    band.mean.push_back(sum / count);  // NaN for no value
    band.low.push_back(count > 0 ? low : std::nan(""));
    band.high.push_back(count > 0 ? high : std::nan(""));
  }
}

}  // namespace

void draw_differences(const Study& study, const StudyResult& result, const std::filesystem::path& png) {
  IntervalChart chart;
  const std::string& base = study.variants.front().name;
  chart.title = study.title;
  chart.subtitle =
      "Dots: one seed each; large dots: their mean; bars: its 95 % interval, in blue where it leaves out no "
      "difference";
  chart.below = fmt::format("{}, difference to {}", measure_text(study), base);
  for (std::size_t v = 1; v < result.variants.size(); ++v) {
    const VariantResult& variant = result.variants[v];
    const Estimate& difference = variant.difference;
    const std::string interval = interval_text(study, difference, true);
    chart.rows.push_back(
        {.name = variant.name,
         .note = variant.asks,
         .value = difference_text(study, difference) + (interval == "-" ? "" : "  (" + interval + ")"),
         .values = variant.differences,
         .mean = difference.mean,
         .low = difference.low,
         .high = difference.high,
         .at_least = difference.at_least});
  }
  draw_intervals(png, chart);
}

void draw_learning(const Study& study, const StudyResult& result, const std::filesystem::path& png) {
  const bool epochs = study.measure == StudyMeasure::kEpochs;
  BandChart chart{
      .title = study.title,
      .subtitle = fmt::format("{}: the mean of the seeds, and the range from min to max; gray: {}",
                              epochs ? "Training error" : "Validation top-1", study.variants.front().name),
      .base = band_of(study, result.variants.front()),
      .others = {},
      .mark = epochs ? std::optional(study.train_error) : std::nullopt};
  for (std::size_t v = 1; v < result.variants.size(); ++v)
    chart.others.push_back(band_of(study, result.variants[v]));
  draw_bands(png, chart);
}

}  // namespace alexnet
