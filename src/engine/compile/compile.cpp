// The list of backends.
#include "engine/cpu/cpu_network.h"
#include "engine/cpu/plan/processor.h"
#include "engine/reference/reference_network.h"

namespace alexnet {

bool multiplies_bf16_tiles(Engine engine) {
  return engine == Engine::kCpu && cpu::this_processor().multiplies_tiles;
}

std::unique_ptr<CompiledNetwork> compile(Engine engine, const NetworkSpec& spec,
                                         const CompileOptions& options) {
  switch (engine) {
    case Engine::kReference:
      return compile_reference(spec, options);
    case Engine::kCpu:
      return compile_cpu(spec, options);
  }
  return nullptr;
}

}  // namespace alexnet
