// Tensors whose axes are put into another order.
#pragma once

#include <span>
#include <vector>

#include "alexnet/tensor.h"

namespace alexnet {

/// `values` have the shape `view`, row-major; axis i of the result is axis permutation[i] of it. {3, 2, 0, 1}
/// makes OIHW of HWIO.
std::vector<float> permuted(std::span<const float> values, const Shape& view,
                            const std::vector<int>& permutation);

}  // namespace alexnet
