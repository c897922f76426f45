#include "engine/reference/reference_engine.h"

#include "engine/reference/reference_network.h"

namespace alexnet {
namespace {

class ReferenceEngine final : public Engine {
 public:
  std::string_view name() const override { return "reference"; }
  EngineOffer offer() const override {
    EngineOffer offer;
    offer.instructions = "plain loops";
    return offer;
  }
  std::string why_not(Precision precision, bool /*training*/) const override {
    return precision == Precision::kFloat32 ? "" : "the reference engine computes in float32 alone";
  }

 private:
  std::unique_ptr<CompiledNetwork> compile_offered(const NetworkSpec& spec,
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
