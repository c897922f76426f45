// The fast backend: oneDNN's convolutions and matrix products, own kernels for what lies between.
//
// Denormal numbers count as zero while it computes: processors are slow with them, and training makes many.
#pragma once

#include <memory>

#include "engine/compiled_network.h"

namespace alexnet {

std::unique_ptr<CompiledNetwork> compile_cpu(const NetworkSpec& spec, const CompileOptions& options);

}  // namespace alexnet
