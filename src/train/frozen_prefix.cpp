#include "train/frozen_prefix.h"

namespace alexnet {

std::size_t frozen_prefix(const NetworkSpec& spec, const std::vector<bool>& frozen) {
  std::size_t end = 0;
  for (const ParameterInfo& info : parameters(spec)) {
    if (!frozen[info.layer]) break;
    end = info.layer + 1;
  }
  if (end == 0) return 0;
  const auto goes_along = [](const LayerKind& kind) {
    return std::holds_alternative<Activation>(kind) || std::holds_alternative<Lrn>(kind) ||
           std::holds_alternative<Pool>(kind) || std::holds_alternative<Flatten>(kind);
  };
  while (end < spec.layers.size() && goes_along(spec.layers[end].kind)) ++end;
  // A network that is frozen to its end has nothing to learn from features.
  const bool ends_here = end == spec.layers.size() || std::holds_alternative<Softmax>(spec.layers[end].kind);
  return ends_here ? 0 : end;
}

}  // namespace alexnet
