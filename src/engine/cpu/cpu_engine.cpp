#include "engine/cpu/cpu_engine.h"

#include "engine/cpu/cpu_network.h"
#include "engine/cpu/dense/dense_plan.h"
#include "engine/cpu/limits.h"
#include "engine/cpu/plan/processor.h"

namespace alexnet {
namespace {

class CpuEngine final : public Engine {
 public:
  std::string_view name() const override { return "cpu"; }
  EngineOffer offer() const override {
    EngineOffer offer;
    offer.inference_precisions = {Precision::kFloat32, Precision::kBf16, Precision::kInt8};
    offer.bf16_in_any_batch = cpu::this_processor().multiplies_tiles;
    if (offer.bf16_in_any_batch)
      offer.training_precisions.push_back(Precision::kBf16);
    else
      offer.no_bf16_training =
          "this processor has no matrix tiles (AMX), without which bf16 is no faster: float32";
    offer.max_rounded_batch = static_cast<int>(cpu::kReadingBound);
    offer.instructions = cpu::instructions(cpu::this_processor());
    return offer;
  }
  EngineLimits measure_limits() const override { return cpu::measure_limits(); }
  std::unique_ptr<CompiledNetwork> compile(const NetworkSpec& spec,
                                           const CompileOptions& options) const override {
    return compile_cpu(spec, options);
  }
};

}  // namespace

const Engine& cpu_engine() {
  static const CpuEngine engine;
  return engine;
}

}  // namespace alexnet
