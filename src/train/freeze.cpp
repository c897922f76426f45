#include "train/freeze.h"

#include <algorithm>

#include "alexnet/error.h"

namespace alexnet {
namespace {

bool is_layer(const NetworkSpec& spec, const std::string& name) {
  return std::any_of(spec.layers.begin(), spec.layers.end(),
                     [&](const Layer& layer) { return layer.name == name; });
}

/// Where "a-b" splits into two layers; names may hold dashes themselves.
std::size_t range_dash(const NetworkSpec& spec, const std::string& item) {
  for (std::size_t dash = item.find('-'); dash != std::string::npos; dash = item.find('-', dash + 1))
    if (is_layer(spec, item.substr(0, dash)) && is_layer(spec, item.substr(dash + 1))) return dash;
  return std::string::npos;
}

}  // namespace

std::vector<bool> frozen_layers(const NetworkSpec& spec, const std::string& list) {
  std::vector<bool> frozen(spec.layers.size());
  for (std::size_t at = 0; !list.empty() && at <= list.size();) {
    const std::size_t comma = std::min(list.find(',', at), list.size());
    const std::string item = list.substr(at, comma - at);
    at = comma + 1;
    const std::size_t dash = is_layer(spec, item) ? std::string::npos : range_dash(spec, item);
    if (dash == std::string::npos && !is_layer(spec, item))
      throw UsageError("--freeze", "'" + item + "' is neither a layer nor a range of layers",
                       "alexnet summary lists the layers; a range is written first-last");
    const std::size_t first = layer_index(spec, item.substr(0, dash));
    const std::size_t last = dash == std::string::npos ? first : layer_index(spec, item.substr(dash + 1));
    if (last < first)
      throw UsageError("--freeze", "'" + item + "' runs backwards", "name the earlier layer first");
    for (std::size_t layer = first; layer <= last; ++layer) frozen[layer] = true;
  }
  return frozen;
}

}  // namespace alexnet
