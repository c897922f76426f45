// A network ready to be used, not trained.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "alexnet/network.h"
#include "engine/compiled_network.h"

namespace alexnet {

/// Compiles `spec` for batches of `batch` and loads its weights. `outputs`, `precision`: see CompileOptions.
/// UsageError when there is no such engine or precision or `batch` is not at least 1.
std::unique_ptr<CompiledNetwork> inference_plan(const NetworkSpec& spec, const NamedTensors& weights,
                                                const std::string& engine, int batch,
                                                std::vector<std::string> outputs = {},
                                                const std::string& precision = "f32");

}  // namespace alexnet
