#include "report/assessment.h"

#include <algorithm>
#include <cmath>

namespace alexnet {

std::int64_t hits(std::span<const Judgement> judgements) {
  return std::ranges::count_if(judgements, &Judgement::right);
}

Interval wilson_interval(std::int64_t hits, std::int64_t count) {
  constexpr double z = 1.959963984540054;  // normal distribution, 97.5 %
  if (count == 0) return {};
  const auto n = static_cast<double>(count);
  const double fraction = static_cast<double>(hits) / n;
  const double middle = fraction + z * z / (2 * n);
  const double half = z * std::sqrt(fraction * (1 - fraction) / n + z * z / (4 * n * n));
  const double scale = 1 + z * z / n;
  return {std::max(0.0, (middle - half) / scale), std::min(1.0, (middle + half) / scale)};
}

Calibration calibration(std::span<const Judgement> judgements, int bins) {
  Calibration result;
  result.bins.resize(static_cast<std::size_t>(bins));
  for (const Judgement& judgement : judgements) {
    // Bins are closed above, as Guo's: (0, 1/15], (1/15, 2/15], ...
    const auto place = static_cast<int>(std::ceil(double{judgement.confidence} * bins)) - 1;
    CalibrationBin& bin = result.bins[static_cast<std::size_t>(std::clamp(place, 0, bins - 1))];
    ++bin.images;
    bin.confidence += judgement.confidence;
    bin.accuracy += judgement.right() ? 1 : 0;
  }
  const auto all = static_cast<double>(std::max<std::size_t>(judgements.size(), 1));
  for (CalibrationBin& bin : result.bins) {
    if (bin.images == 0) continue;
    result.confidence += bin.confidence / all;
    result.error += std::abs(bin.confidence - bin.accuracy) / all;
    bin.confidence /= static_cast<double>(bin.images);
    bin.accuracy /= static_cast<double>(bin.images);
  }
  return result;
}

std::vector<Judgement> suspicious_labels(std::span<const Judgement> judgements, int classes) {
  std::vector<double> sums(static_cast<std::size_t>(classes)), counts(static_cast<std::size_t>(classes));
  for (const Judgement& judgement : judgements) {
    sums[static_cast<std::size_t>(judgement.truth)] += judgement.truth_probability;
    counts[static_cast<std::size_t>(judgement.truth)] += 1;
  }
  std::vector<Judgement> suspicious;
  std::ranges::copy_if(judgements, std::back_inserter(suspicious), [&](const Judgement& judgement) {
    const auto predicted = static_cast<std::size_t>(judgement.predicted);
    return !judgement.right() && counts[predicted] > 0 &&
           judgement.confidence >= sums[predicted] / counts[predicted];
  });
  std::ranges::stable_sort(suspicious, std::greater(),
                           [](const Judgement& j) { return j.confidence - j.truth_probability; });
  return suspicious;
}

double better_by(std::span<const Judgement> first, std::span<const Judgement> second) {
  double first_alone = 0, second_alone = 0;
  for (std::size_t i = 0; i < std::min(first.size(), second.size()); ++i) {
    const bool one = first[i].right(), other = second[i].right();
    first_alone += one && !other ? 1 : 0;
    second_alone += other && !one ? 1 : 0;
  }
  const double differing = first_alone + second_alone;
  return differing == 0 ? 0 : (first_alone - second_alone) / std::sqrt(differing);
}

}  // namespace alexnet
