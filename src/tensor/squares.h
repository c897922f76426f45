// The sum of squares of many values: what l2 and the length of gradients are made of.
#pragma once

#include <span>

namespace alexnet {

/// In short runs of floats added up as doubles; on the calling thread. Products and sums are rounded one by
/// one, not fused, and added up in 16 lanes: every instruction set gives the same bits.
double sum_of_squares(std::span<const float> values);

}  // namespace alexnet
