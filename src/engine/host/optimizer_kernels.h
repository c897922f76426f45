// What optimizers compute, in one pass over memory. Products and sums are rounded one by one, not fused, and
// added up in 16 lanes: every instruction set gives the same bits.
#pragma once

#include <cstddef>

namespace alexnet {

/// One number for each that all weights of a piece share.
struct SgdValues {
  float lr, momentum, decay, scale;
};

/// v <- momentum * v - lr * (scale * g + decay * w);  w <- w + v. Returns the sum of squares of w before.
double move_by_sgd(float* w, float* v, const float* g, std::size_t count, const SgdValues& values);

struct AdamWValues {
  float scale, decay, new1, old2, new2, kept, rate, root_correction, epsilon;
};

/// With g' = scale * g + decay * w:  m <- m + new1 * (g' - m);  v <- old2 * v + (new2 * g') * g';
/// w <- kept * w - rate * (m / (sqrt(v) * root_correction + epsilon)). Returns the sum of squares of w
/// before.
double move_by_adamw(float* w, float* m, float* v, const float* g, std::size_t count,
                     const AdamWValues& values);

}  // namespace alexnet
