#include "train/optimizer.h"

#include <algorithm>
#include <array>
#include <numeric>

#include "base/parallel.h"

namespace alexnet {
namespace {

constexpr std::size_t kPiece = 16384;
// Squares are added in this many independent float lanes, over short runs, and then as doubles: fast and
// exact enough.
constexpr std::size_t kLanes = 16;
constexpr std::size_t kRun = 1024;

double sum_of_squares(const float* w, std::size_t count) {
  double sum = 0;
  for (std::size_t run = 0; run < count; run += kRun) {
    const std::size_t end = std::min(run + kRun, count);
    std::array<float, kLanes> lanes{};
    std::size_t i = run;
    for (; i + kLanes <= end; i += kLanes)
      for (std::size_t lane = 0; lane < kLanes; ++lane) lanes[lane] += w[i + lane] * w[i + lane];
    for (; i < end; ++i) lanes[0] += w[i] * w[i];
    sum = std::accumulate(lanes.begin(), lanes.end(), sum);
  }
  return sum;
}

void update(float* __restrict w, float* __restrict v, const float* __restrict g, std::size_t count, float lr,
            float momentum, float decay) {
  std::size_t i = 0;
  for (; i + kLanes <= count; i += kLanes)
    for (std::size_t lane = i; lane < i + kLanes; ++lane) {
      v[lane] = momentum * v[lane] - lr * (g[lane] + decay * w[lane]);
      w[lane] += v[lane];
    }
  for (; i < count; ++i) {
    v[i] = momentum * v[i] - lr * (g[i] + decay * w[i]);
    w[i] += v[i];
  }
}

}  // namespace

Sgd::Sgd(const std::vector<SlabEntry>& layout, std::size_t size, const std::vector<bool>& frozen)
    : velocity_(size) {
  for (const SlabEntry& entry : layout)
    for (std::size_t done = 0; done < entry.count; done += kPiece)
      pieces_.push_back({entry.offset + done, std::min(kPiece, entry.count - done), entry.info.l2,
                         frozen[entry.info.layer]});
  l2_losses_.resize(pieces_.size());
}

double Sgd::step(std::span<float> weights, std::span<const float> gradients, double lr, double momentum) {
  parallel_for(static_cast<std::int64_t>(pieces_.size()), 1, [&](std::int64_t begin, std::int64_t end) {
    for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(end); ++i) {
      const Piece& piece = pieces_[i];
      float* w = weights.data() + piece.offset;
      l2_losses_[i] = piece.l2 > 0 ? static_cast<double>(piece.l2) * sum_of_squares(w, piece.count) : 0;
      if (!piece.frozen)
        update(w, velocity_.data() + piece.offset, gradients.data() + piece.offset, piece.count,
               static_cast<float>(lr), static_cast<float>(momentum), 2 * piece.l2);
    }
  });
  return std::accumulate(l2_losses_.begin(), l2_losses_.end(), 0.0);
}

}  // namespace alexnet
