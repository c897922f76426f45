#include "train/optimizer.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "base/parallel.h"

namespace alexnet {
namespace {

constexpr std::size_t kPiece = 16384;
// Squares are added in this many independent float lanes, over short runs, and then as doubles: fast and
// exact enough.
constexpr std::size_t kLanes = 16;
constexpr std::size_t kRun = 1024;

void update(float* __restrict w, float* __restrict v, const float* __restrict g, std::size_t count, float lr,
            float momentum, float decay, float scale) {
  std::size_t i = 0;
  for (; i + kLanes <= count; i += kLanes)
    for (std::size_t lane = i; lane < i + kLanes; ++lane) {
      v[lane] = momentum * v[lane] - lr * (scale * g[lane] + decay * w[lane]);
      w[lane] += v[lane];
    }
  for (; i < count; ++i) {
    v[i] = momentum * v[i] - lr * (scale * g[i] + decay * w[i]);
    w[i] += v[i];
  }
}

}  // namespace

double sum_of_squares(std::span<const float> values) {
  const float* w = values.data();
  const std::size_t count = values.size();
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

Sgd::Sgd(const std::vector<SlabEntry>& layout, std::size_t size, const std::vector<bool>& frozen,
         const SgdOptions& options)
    : velocity_(size), clip_(options.clip) {
  for (const SlabEntry& entry : layout) {
    Piece piece;
    piece.l2 = entry.info.l2;
    piece.decay = 2 * piece.l2;
    if (entry.info.role == Role::kKernel) piece.decay += static_cast<float>(options.weight_decay);
    if (entry.info.role == Role::kBias) piece.lr = options.bias_lr;
    if (!options.layer_lr.empty()) piece.lr *= options.layer_lr[entry.info.layer];
    piece.frozen = frozen[entry.info.layer];
    for (std::size_t done = 0; done < entry.count; done += kPiece) {
      piece.offset = entry.offset + done;
      piece.count = std::min(kPiece, entry.count - done);
      pieces_.push_back(piece);
    }
  }
  sums_.resize(pieces_.size());
}

float Sgd::gradient_scale(std::span<const float> gradients) {
  if (clip_ <= 0) return 1;
  parallel_for(static_cast<std::int64_t>(pieces_.size()), 1, [&](std::int64_t begin, std::int64_t end) {
    for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(end); ++i)
      sums_[i] =
          pieces_[i].frozen ? 0 : sum_of_squares(gradients.subspan(pieces_[i].offset, pieces_[i].count));
  });
  const double length = std::sqrt(std::accumulate(sums_.begin(), sums_.end(), 0.0));
  return length > clip_ ? static_cast<float>(clip_ / length) : 1.0F;
}

double Sgd::step(std::span<float> weights, std::span<const float> gradients, double lr, double momentum) {
  const float scale = gradient_scale(gradients);
  parallel_for(static_cast<std::int64_t>(pieces_.size()), 1, [&](std::int64_t begin, std::int64_t end) {
    for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(end); ++i) {
      const Piece& piece = pieces_[i];
      float* w = weights.data() + piece.offset;
      sums_[i] = piece.l2 > 0 ? static_cast<double>(piece.l2) * sum_of_squares({w, piece.count}) : 0;
      if (!piece.frozen)
        update(w, velocity_.data() + piece.offset, gradients.data() + piece.offset, piece.count,
               static_cast<float>(lr * piece.lr), static_cast<float>(momentum), piece.decay, scale);
    }
  });
  return std::accumulate(sums_.begin(), sums_.end(), 0.0);
}

}  // namespace alexnet
