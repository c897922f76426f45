#include "train/transfer/start_weights.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "fmt/format.h"

namespace alexnet {
namespace {

bool agrees(const Lrn& lrn, const StatedResponse& stated) {
  const auto is = [](const std::optional<float>& said, float value) {
    return !said || std::abs(*said - value) <= 1e-6F * std::abs(value);
  };
  return is(stated.size, static_cast<float>(lrn.size)) && is(stated.k, lrn.k) &&
         is(stated.alpha, lrn.alpha) && is(stated.beta, lrn.beta) && stated.convention == lrn.convention;
}

}  // namespace

std::vector<std::string> disagreements(const StoredWeights& start, const NetworkSpec& spec) {
  std::vector<std::string> notes;
  for (const Layer& layer : spec.layers) {
    if (const auto* own = std::get_if<Lrn>(&layer.kind); own != nullptr && start.response)
      if (!agrees(*own, *start.response))
        notes.push_back(fmt::format("{} normalises differently than the weights of --init expect: '{}'",
                                    layer.name, start.response->text));
    if (const auto* conv = std::get_if<Conv>(&layer.kind); conv != nullptr && start.groups) {
      const auto stated = start.groups->by_layer.find(layer.name);
      if ((stated == start.groups->by_layer.end() ? 1 : stated->second) != conv->groups)
        notes.push_back(fmt::format("{} has {} groups, the weights of --init expect '{}'", layer.name,
                                    conv->groups, start.groups->text));
    }
  }
  const bool normalises = std::ranges::any_of(
      spec.layers, [](const Layer& layer) { return std::holds_alternative<Lrn>(layer.kind); });
  if (start.response && !normalises)
    notes.push_back(
        fmt::format("the weights of --init expect a local response normalisation ('{}') that this "
                    "network does not have; --preset caffe and caffenet do",
                    start.response->text));
  return notes;
}

}  // namespace alexnet
