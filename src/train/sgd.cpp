#include "train/sgd.h"

namespace alexnet {
namespace {

constexpr std::size_t kLanes = 16;

void move(float* __restrict w, float* __restrict v, const float* __restrict g, std::size_t count, float lr,
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

Sgd::Sgd(const std::vector<SlabEntry>& layout, std::size_t size, const std::vector<bool>& frozen,
         double momentum, const OptimizerOptions& options)
    : Optimizer(layout, frozen, options), velocity_(size), momentum_(static_cast<float>(momentum)) {}

void Sgd::begin(double lr, std::int64_t /*number*/) { lr_ = lr; }

void Sgd::update(const Piece& piece, float* w, const float* g, float scale) {
  move(w, velocity_.data() + piece.offset, g, piece.count, static_cast<float>(lr_ * piece.lr), momentum_,
       2 * piece.l2 + piece.decay, scale);
}

double Sgd::piece_change(const Piece& piece, const float* /*w*/) const {
  return sum_of_squares(velocity_.span().subspan(piece.offset, piece.count));
}

}  // namespace alexnet
