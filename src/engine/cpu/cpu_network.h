// The fast backend: oneDNN's convolutions and matrix products, own kernels for what lies between.
//
// Denormal numbers count as zero while it computes: processors are slow with them, and training makes many.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "engine/compiled_network.h"

namespace alexnet {

std::unique_ptr<CompiledNetwork> compile_cpu(const NetworkSpec& spec, const CompileOptions& options);

/// What one operation of a network of compile_cpu() has cost so far, in seconds.
struct OperationTime {
  std::string name;                             // the layers it computes, "conv1+relu1"
  std::size_t first_layer = 0, last_layer = 0;  // [first, last) of the spec's
  Precision kernel = Precision::kFloat32;       // what forward() reads its weights in
  double forward = 0, backward = 0;
};
/// In order; empty for networks of other backends.
std::span<const OperationTime> operation_times(const CompiledNetwork& network);

/// What of this processor is used, and what is done without because it is not there: "AVX-512, bf16
/// products".
std::string instructions_used();

}  // namespace alexnet
