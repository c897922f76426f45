#include "engine/host/adamw.h"

#include <cmath>

#include "engine/host/optimizer_kernels.h"

namespace alexnet {

AdamW::AdamW(const std::vector<SlabEntry>& layout, std::size_t size, const std::vector<bool>& frozen,
             const AdamOptions& adam, const OptimizerOptions& options)
    : Optimizer(layout, frozen, options), first_(size), second_(size), adam_(adam) {}

void AdamW::begin(double lr, std::int64_t number) {
  const auto n = static_cast<double>(number);
  lr_ = lr;
  first_correction_ = 1 - std::pow(adam_.beta1, n);
  second_root_correction_ = static_cast<float>(1 / std::sqrt(1 - std::pow(adam_.beta2, n)));
}

float AdamW::kept(const Piece& piece) const {
  return static_cast<float>(1 - lr_ * piece.lr * static_cast<double>(piece.decay));
}

float AdamW::rate(const Piece& piece) const { return static_cast<float>(lr_ * piece.lr / first_correction_); }

double AdamW::update(const Piece& piece, float* w, const float* g, float scale) {
  return move_by_adamw(w, first_.data() + piece.offset, second_.data() + piece.offset, g, piece.count,
                       {.scale = scale,
                        .decay = 2 * piece.l2,
                        .new1 = static_cast<float>(1 - adam_.beta1),
                        .old2 = static_cast<float>(adam_.beta2),
                        .new2 = static_cast<float>(1 - adam_.beta2),
                        .kept = kept(piece),
                        .rate = rate(piece),
                        .root_correction = second_root_correction_,
                        .epsilon = static_cast<float>(adam_.epsilon)});
}

// The step left w = kept * before - moved, so that its change is -(moved + (1 - kept) * before).
double AdamW::piece_change(const Piece& piece, const float* w) const {
  const double left = kept(piece), step = rate(piece);
  double sum = 0;
  for (std::size_t i = 0; i < piece.count; ++i) {
    const double m = first_.data()[piece.offset + i], v = second_.data()[piece.offset + i];
    const double moved = step * m / (std::sqrt(v) * second_root_correction_ + adam_.epsilon);
    const double change = moved + (1 - left) * (w[i] + moved) / left;
    sum += change * change;
  }
  return sum;
}

}  // namespace alexnet
