// Probabilities from what the last layer gives.
#pragma once

#include <span>
#include <vector>

namespace alexnet {

/// Of one image's logits; sums in double.
std::vector<float> softmax(std::span<const float> logits);

}  // namespace alexnet
