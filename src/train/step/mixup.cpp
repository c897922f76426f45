#include "train/step/mixup.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "alexnet/error.h"
#include "base/parallel.h"

namespace alexnet {
namespace {

/// In (0, 1].
double positive_uniform(RandomStream& draws) { return 1.0 - static_cast<double>(draws.uniform()); }

/// The logarithm of a draw from Gamma(shape, 1).
double log_gamma_draw(double shape, RandomStream& draws) {
  if (shape < 1) return log_gamma_draw(shape + 1, draws) + std::log(positive_uniform(draws)) / shape;
  const double d = shape - 1.0 / 3.0, c = 1 / std::sqrt(9 * d);
  for (;;) {
    const auto x = static_cast<double>(draws.normal());
    const double root = 1 + c * x;
    if (root <= 0) continue;
    const double log_v = 3 * std::log(root);
    if (std::log(positive_uniform(draws)) < 0.5 * x * x + d * (1 - std::exp(log_v) + log_v))
      return std::log(d) + log_v;
  }
}

}  // namespace

double draw_beta(double alpha, RandomStream& draws) {
  const double x = log_gamma_draw(alpha, draws), y = log_gamma_draw(alpha, draws);
  return 1 / (1 + std::exp(y - x));
}

Mixup::Mixup(double alpha, std::uint64_t seed, int rows)
    : alpha_(alpha),
      seed_(seed),
      partners_(static_cast<std::size_t>(rows)),
      others_(partners_.size()),
      fractions_(partners_.size()) {}

Targets Mixup::put_in(const Batch& batch, std::uint32_t step, std::span<float> input) {
  if (batch.labels.size() != partners_.size())
    throw UsageError("mixup",
                     fmt::format("needs whole batches of {} rows, not {} rows of one", partners_.size(),
                                 batch.labels.size()),
                     "train without it where several processes share a batch");
  RandomStream draws(seed_, Purpose::kMixup, step, 0);
  const double drawn = draw_beta(alpha_, draws);
  const auto fraction = static_cast<float>(std::max(drawn, 1 - drawn));
  std::iota(partners_.begin(), partners_.end(), 0U);
  draws.shuffle(partners_);
  std::ranges::fill(fractions_, fraction);
  std::ranges::transform(partners_, others_.begin(), [&](std::uint32_t row) { return batch.labels[row]; });

  const std::size_t size = batch.images.size() / partners_.size();
  parallel_for(static_cast<std::int64_t>(partners_.size()), 1, [&](std::int64_t begin, std::int64_t end) {
    for (auto row = static_cast<std::size_t>(begin); row < static_cast<std::size_t>(end); ++row) {
      const float* own = batch.images.data() + row * size;
      const float* other = batch.images.data() + partners_[row] * size;
      float* __restrict to = input.data() + row * size;
      for (std::size_t i = 0; i < size; ++i) to[i] = fraction * own[i] + (1 - fraction) * other[i];
    }
  });
  return {.labels = batch.labels, .others = others_, .fractions = fractions_};
}

}  // namespace alexnet
