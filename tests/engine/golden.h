// Expected values of single layers and losses, from PyTorch and Keras (tools/make_op_goldens.py).
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <vector>

#include "engine/compiled_network.h"

namespace alexnet::golden {

/// The contents of golden/ops.json.
const nlohmann::json& ops();

/// Tensor number k of the script, element by element; exact in float32.
inline constexpr int kInput = 0, kKernel = 1, kBias = 2, kSlope = 3;
std::vector<float> pattern(int k, std::size_t count);

/// Every parameter by its role: kernels and scales kKernel, biases and shifts kBias; moving mean 0 and
/// variance 1.
NamedTensors weights(const NetworkSpec& spec);

}  // namespace alexnet::golden
