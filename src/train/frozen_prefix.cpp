#include "train/frozen_prefix.h"

namespace alexnet {
namespace {

bool has_weights(const LayerKind& kind) {
  return std::holds_alternative<Conv>(kind) || std::holds_alternative<Dense>(kind) ||
         std::holds_alternative<BatchNorm>(kind);
}

}  // namespace

std::size_t frozen_prefix(const NetworkSpec& spec, const std::vector<bool>& frozen) {
  std::size_t end = 0;
  for (std::size_t i = 0; i < spec.layers.size(); ++i) {
    if (!has_weights(spec.layers[i].kind)) continue;
    if (!frozen[i]) break;
    end = i + 1;
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
