// The fast backend: oneDNN's convolutions and matrix products, own kernels for what lies between.
#pragma once

#include "engine/compiled_network.h"

namespace alexnet {

std::unique_ptr<CompiledNetwork> compile_cpu(const NetworkSpec& spec, const CompileOptions& options);

}  // namespace alexnet
