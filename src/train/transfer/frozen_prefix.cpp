#include "train/transfer/frozen_prefix.h"

#include <algorithm>
#include <iterator>

namespace alexnet {

std::size_t frozen_prefix(const NetworkSpec& spec, const std::vector<bool>& frozen) {
  std::vector<bool> has_weights(spec.layers.size());
  for (const ParameterInfo& info : parameters(spec)) has_weights[info.layer] = true;
  const auto varies = [&](std::size_t layer) {
    return !frozen[layer] && (has_weights[layer] || std::holds_alternative<Dropout>(spec.layers[layer].kind));
  };
  std::size_t end = 0;
  while (end < spec.layers.size() && !varies(end)) ++end;
  // A network that is frozen to its end has nothing to learn from features.
  if (end == spec.layers.size()) return 0;
  const auto behind = std::next(has_weights.begin(), static_cast<std::ptrdiff_t>(end));
  return std::find(has_weights.begin(), behind, true) == behind ? 0 : end;
}

}  // namespace alexnet
