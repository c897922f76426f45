// The reference backend: plain loops over NCHW, forward and backward side by side. The definition of right.
#pragma once

#include "engine/compiled_network.h"

namespace alexnet {

std::unique_ptr<CompiledNetwork> compile_reference(const NetworkSpec& spec, const CompileOptions& options);

}  // namespace alexnet
