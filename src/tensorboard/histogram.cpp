#include "tensorboard/histogram.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>

#include "base/parallel.h"

namespace alexnet {
namespace {

constexpr int kShift = 21;             // drops all of a float but sign, exponent and two bits of its mantissa
constexpr std::uint32_t kHalf = 1024;  // cells of either sign; those of negative values come second
constexpr std::uint32_t kDepth = 4 * 12;  // cells below the greatest that are distinguished: twelve doublings
constexpr std::uint32_t kInfinity = 0x7F800000;

constexpr std::size_t kPiece = 1 << 20;
// Sums are made over short runs in independent float lanes and then added as doubles.
constexpr std::size_t kRun = 1024, kLanes = 16;

struct Tally {
  std::array<std::uint32_t, 2 * kHalf> cells{};
  float min = std::numeric_limits<float>::infinity();
  float max = -std::numeric_limits<float>::infinity();
  double sum = 0, sum_of_squares = 0;
};

void take_run(Tally& tally, std::span<const float> run) {
  std::array<float, kLanes> sum{}, squares{}, min, max;
  min.fill(tally.min);
  max.fill(tally.max);
  std::size_t i = 0;
  for (; i + kLanes <= run.size(); i += kLanes)
    for (std::size_t lane = 0; lane < kLanes; ++lane) {
      const float x = run[i + lane];
      sum[lane] += x;
      squares[lane] += x * x;
      min[lane] = std::min(min[lane], x);
      max[lane] = std::max(max[lane], x);
    }
  for (; i < run.size(); ++i) {
    sum[0] += run[i];
    squares[0] += run[i] * run[i];
    min[0] = std::min(min[0], run[i]);
    max[0] = std::max(max[0], run[i]);
  }
  tally.min = std::ranges::min(min);
  tally.max = std::ranges::max(max);
  for (std::size_t lane = 0; lane < kLanes; ++lane) {
    tally.sum += sum[lane];
    tally.sum_of_squares += squares[lane];
  }
}

void take(Tally& tally, std::span<const float> values) {
  std::array<float, kRun> finite;
  for (std::size_t at = 0; at < values.size(); at += kRun) {
    const std::span<const float> run = values.subspan(at, std::min(kRun, values.size() - at));
    std::uint32_t unusable = 0;
    for (const float x : run) {
      const auto bits = std::bit_cast<std::uint32_t>(x);
      ++tally.cells[bits >> kShift];
      unusable += (bits & kInfinity) == kInfinity ? 1 : 0;
    }
    if (unusable == 0) {
      take_run(tally, run);
      continue;
    }
    const auto end = std::ranges::copy_if(run, finite.begin(), [](float x) { return std::isfinite(x); }).out;
    take_run(tally, {finite.begin(), end});
  }
}

/// The magnitude at which a cell starts.
double edge(std::uint32_t cell) { return std::bit_cast<float>(std::min(cell << kShift, kInfinity - 1)); }

}  // namespace

Histogram histogram(std::span<const float> values, std::size_t padding) {
  std::vector<Tally> tallies((values.size() + kPiece - 1) / kPiece);
  parallel_for(static_cast<std::int64_t>(tallies.size()), 1, [&](std::int64_t begin, std::int64_t end) {
    for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(end); ++i)
      take(tallies[i], values.subspan(i * kPiece, std::min(kPiece, values.size() - i * kPiece)));
  });

  Histogram result;
  std::array<double, 2 * kHalf> cells{};
  Tally whole;
  for (const Tally& tally : tallies) {
    std::ranges::transform(cells, tally.cells, cells.begin(), std::plus<>());
    result.sum += tally.sum;
    result.sum_of_squares += tally.sum_of_squares;
    whole.min = std::min(whole.min, tally.min);
    whole.max = std::max(whole.max, tally.max);
  }
  cells[0] -= static_cast<double>(padding);
  constexpr std::uint32_t kCells = kInfinity >> kShift;  // finite ones of either sign
  const auto count = [&](std::uint32_t cell, bool negative) { return cells[cell + (negative ? kHalf : 0)]; };

  std::uint32_t top = 0;
  for (std::uint32_t cell = 0; cell < kCells; ++cell)
    if (count(cell, false) > 0 || count(cell, true) > 0) top = cell;
  const auto lowest = [&](bool negative) {
    std::uint32_t cell = 0;
    while (cell < top && count(cell, negative) == 0) ++cell;
    return cell;
  };
  const std::uint32_t bottom = top > kDepth ? top - kDepth : 1;
  const auto add = [&](double limit, double members) {
    result.count += members;
    if (result.limits.empty() && members == 0) return;  // starts with the first value
    result.limits.push_back(limit);
    result.counts.push_back(members);
  };
  for (std::uint32_t cell = top; cell >= bottom; --cell) add(-edge(cell), count(cell, true));
  double zero = 0;
  for (std::uint32_t cell = 0; cell < bottom; ++cell) zero += count(cell, false) + count(cell, true);
  add(edge(bottom), zero);
  for (std::uint32_t cell = bottom; cell <= top; ++cell) add(edge(cell + 1), count(cell, false));
  while (!result.counts.empty() && result.counts.back() == 0) {
    result.counts.pop_back();
    result.limits.pop_back();
  }
  if (result.count > 0) {
    result.min = whole.min;
    result.max = whole.max;
  }
  // Zeros that were only padding are no value to start or end at.
  if (padding > 0 && count(0, false) + count(0, true) == 0) {
    if (result.min == 0 && result.limits.size() > 1) result.min = edge(lowest(false));
    if (result.max == 0 && result.limits.size() > 1) result.max = -edge(lowest(true));
  }
  return result;
}

}  // namespace alexnet
