// What an engine has to compute with on this machine.
#include "base/machine.h"

#include "alexnet/bench.h"
#include "base/parallel.h"
#include "engine/registry/registry.h"

namespace alexnet {

MachineLimits name_machine(const std::string& engine) {
  const EngineOffer offer = find_engine(engine).offer();
  MachineLimits limits;
  limits.processor = this_machine().processor;
  limits.threads = thread_count();
  limits.instructions = offer.instructions;
  limits.tiles = offer.bf16_in_any_batch;
  return limits;
}

MachineLimits measure_machine(const std::string& engine) {
  MachineLimits limits = name_machine(engine);
  const EngineLimits measured = find_engine(engine).measure_limits();
  limits.float32 = measured.float32;
  limits.bf16 = measured.bf16;
  limits.memory = measured.memory;
  return limits;
}

}  // namespace alexnet
