#include "engine/engine.h"

#include "alexnet/error.h"

namespace alexnet {

std::unique_ptr<CompiledNetwork> Engine::compile(const NetworkSpec& spec,
                                                 const CompileOptions& options) const {
  if (const std::string why = why_not(options.precision, options.training); !why.empty())
    throw UsageError("precision " + std::string(to_string(options.precision)), why, "ask for f32");
  return compile_offered(spec, options);
}

PrecisionChoice choose_precision(const Engine& engine, Precision wanted, bool training) {
  const std::string why = engine.why_not(wanted, training);
  if (why.empty()) return {wanted, {}};
  return {Precision::kFloat32, "computed in f32 instead of " + std::string(to_string(wanted)) + ": " + why};
}

}  // namespace alexnet
