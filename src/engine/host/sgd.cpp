#include "engine/host/sgd.h"

#include "engine/host/optimizer_kernels.h"
#include "tensor/squares.h"

namespace alexnet {

Sgd::Sgd(const std::vector<SlabEntry>& layout, std::size_t size, const std::vector<bool>& frozen,
         double momentum, const OptimizerOptions& options)
    : Optimizer(layout, frozen, options), velocity_(size), momentum_(static_cast<float>(momentum)) {}

void Sgd::begin(double lr, std::int64_t /*number*/) { lr_ = lr; }

double Sgd::update(const Piece& piece, float* w, const float* g, float scale) {
  return move_by_sgd(w, velocity_.data() + piece.offset, g, piece.count,
                     {.lr = static_cast<float>(lr_ * piece.lr),
                      .momentum = momentum_,
                      .decay = 2 * piece.l2 + piece.decay,
                      .scale = scale});
}

double Sgd::piece_change(const Piece& piece, const float* /*w*/) const {
  return sum_of_squares(velocity_.span().subspan(piece.offset, piece.count));
}

}  // namespace alexnet
