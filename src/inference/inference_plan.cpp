#include "inference/inference_plan.h"

#include <utility>

#include "engine/registry/registry.h"

namespace alexnet {

std::unique_ptr<CompiledNetwork> inference_plan(const NetworkSpec& spec, const NamedTensors& weights,
                                                const std::string& engine, int batch,
                                                std::vector<std::string> outputs,
                                                const std::string& precision) {
  CompileOptions options;
  options.batch = batch;
  options.outputs = std::move(outputs);
  options.precision = precision_from_string(precision);
  std::unique_ptr<CompiledNetwork> network = find_engine(engine).compile(spec, options);
  network->load(weights);
  return network;
}

}  // namespace alexnet
