#include "engine/host/weight_average.h"

#include <algorithm>

#include "base/flush_denormals.h"
#include "base/parallel.h"

namespace alexnet {
namespace {

constexpr std::int64_t kGrain = 1 << 16;

// What does not move, frozen layers for one, stays what it is to the last bit.
void approach(float* __restrict average, const float* __restrict weights, std::int64_t count,
              float fraction) {
  for (std::int64_t i = 0; i < count; ++i) average[i] += fraction * (weights[i] - average[i]);
}

}  // namespace

WeightAverage::WeightAverage(std::size_t size, double decay) : decay_(decay), average_(size) {}

void WeightAverage::start(std::span<const float> weights) { std::ranges::copy(weights, average_.data()); }

void WeightAverage::take(std::span<const float> weights, std::int64_t number) {
  if (number == 1) return start(weights);
  const FlushDenormals flush;
  const auto n = static_cast<double>(number);
  const auto fraction = static_cast<float>(1 - std::min(decay_, n / (9 + n)));
  parallel_for(static_cast<std::int64_t>(weights.size()), kGrain, [&](std::int64_t begin, std::int64_t end) {
    approach(average_.data() + begin, weights.data() + begin, end - begin, fraction);
  });
}

void WeightAverage::exchange(std::span<float> weights) { std::ranges::swap_ranges(weights, average_.span()); }

}  // namespace alexnet
