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
    offer.bf16_in_any_batch = cpu::this_processor().multiplies_tiles;
    offer.max_rounded_batch = static_cast<int>(cpu::kReadingBound);
    offer.instructions = cpu::instructions(cpu::this_processor());
    return offer;
  }
  EngineLimits measure_limits() const override { return cpu::measure_limits(); }
  std::string why_not(Precision precision, bool training) const override {
    if (!training || precision == Precision::kFloat32) return {};
    if (precision == Precision::kInt8) return "weights in 8 bits are for inference alone";
    if (cpu::this_processor().multiplies_tiles) return {};
    return "this processor has no matrix tiles (AMX), without which training in bf16 is no faster";
  }

 private:
  std::unique_ptr<CompiledNetwork> compile_offered(const NetworkSpec& spec,
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
