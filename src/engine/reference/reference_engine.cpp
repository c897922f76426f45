#include "engine/reference/reference_engine.h"

#include "engine/reference/reference_network.h"

namespace alexnet {
namespace {

class ReferenceEngine final : public Engine {
 public:
  std::string_view name() const override { return "reference"; }
  EngineOffer offer() const override {
    EngineOffer offer;
    offer.no_bf16_training = "the reference engine computes in float32";
    offer.instructions = "plain loops";
    return offer;
  }
  std::unique_ptr<CompiledNetwork> compile(const NetworkSpec& spec,
                                           const CompileOptions& options) const override {
    return compile_reference(spec, options);
  }
};

}  // namespace

const Engine& reference_engine() {
  static const ReferenceEngine engine;
  return engine;
}

}  // namespace alexnet
