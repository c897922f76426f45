#include "train/adamw.h"

#include <cmath>

namespace alexnet {
namespace {

constexpr std::size_t kLanes = 16;

/// One number for each that all weights of a piece share.
struct Figures {
  float scale, l2, new1, old2, new2, kept, rate, root_correction, epsilon;
};

inline float direction(float m, float v, const Figures& f) {
  return m / (std::sqrt(v) * f.root_correction + f.epsilon);
}

inline void move_one(float& w, float& m, float& v, float g, const Figures& f) {
  const float gradient = f.scale * g + 2 * f.l2 * w;
  m += f.new1 * (gradient - m);
  v = f.old2 * v + f.new2 * gradient * gradient;
  w = f.kept * w - f.rate * direction(m, v, f);
}

void move(float* __restrict w, float* __restrict m, float* __restrict v, const float* __restrict g,
          std::size_t count, const Figures& figures) {
  const Figures f = figures;
  std::size_t i = 0;
  for (; i + kLanes <= count; i += kLanes)
    for (std::size_t lane = i; lane < i + kLanes; ++lane) move_one(w[lane], m[lane], v[lane], g[lane], f);
  for (; i < count; ++i) move_one(w[i], m[i], v[i], g[i], f);
}

}  // namespace

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

void AdamW::update(const Piece& piece, float* w, const float* g, float scale) {
  move(w, first_.data() + piece.offset, second_.data() + piece.offset, g, piece.count,
       {.scale = scale,
        .l2 = piece.l2,
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
