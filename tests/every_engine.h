// The engines that tests run over: all of the registry that can run here.
#pragma once

#include <algorithm>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "alexnet/engines.h"
#include "engine/registry/registry.h"

namespace alexnet {

/// The definition of right, which the others are compared with.
inline constexpr const char* kReference = "reference";
inline constexpr const char* kCpu = "cpu";

inline std::vector<std::string> available_engines() {
  std::vector<std::string> names;
  for (const Engine* engine : engines())
    if (engine->why_unavailable().empty()) names.emplace_back(engine->name());
  return names;
}

/// All but the reference.
inline std::vector<std::string> compared_engines() {
  std::vector<std::string> names = available_engines();
  std::erase(names, kReference);
  return names;
}

inline std::unique_ptr<CompiledNetwork> compile(const std::string& engine, const NetworkSpec& spec,
                                                const CompileOptions& options) {
  return find_engine(engine).compile(spec, options);
}

/// All of a slab, until something else of it is asked for.
inline std::span<const float> whole(CompiledNetwork& network, SlabId slab) {
  return network.download(slab, 0, network.slab_size(slab));
}

/// The same gradient for every logit.
inline void set_logits_gradient(CompiledNetwork& network, float value) {
  network.set_logits_gradient(std::vector<float>(network.logits().size(), value));
}

}  // namespace alexnet
