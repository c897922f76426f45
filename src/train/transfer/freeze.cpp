#include "train/transfer/freeze.h"

#include <algorithm>
#include <utility>

#include "alexnet/error.h"
#include "train/settings/setting_text.h"

namespace alexnet {
namespace {

bool is_layer(const NetworkSpec& spec, const std::string& name) {
  return std::any_of(spec.layers.begin(), spec.layers.end(),
                     [&](const Layer& layer) { return layer.name == name; });
}

/// The layer that "5" behind a dash means, with "conv1" before it: "conv5".
std::string last_layer(const std::string& first, const std::string& last) {
  constexpr const char* kDigits = "0123456789";
  const std::size_t stem = first.find_last_not_of(kDigits) + 1;
  const bool number = !last.empty() && last.find_first_not_of(kDigits) == std::string::npos;
  return number && stem < first.size() ? first.substr(0, stem) + last : last;
}

/// The layers that "a-b" goes from and to, empty when it is no range; names may hold dashes themselves.
std::pair<std::string, std::string> range_ends(const NetworkSpec& spec, const std::string& item) {
  for (std::size_t dash = item.find('-'); dash != std::string::npos; dash = item.find('-', dash + 1)) {
    const std::string first = item.substr(0, dash), last = item.substr(dash + 1);
    if (!is_layer(spec, first)) continue;
    if (is_layer(spec, last)) return {first, last};
    if (is_layer(spec, last_layer(first, last))) return {first, last_layer(first, last)};
  }
  return {};
}

/// Layers [first, last] of "conv1" or "conv1-conv5"; UsageError naming the flag.
std::pair<std::size_t, std::size_t> layers_of(const NetworkSpec& spec, const std::string& item,
                                              const char* flag) {
  const auto [from, to] = is_layer(spec, item) ? std::pair(item, item) : range_ends(spec, item);
  if (from.empty())
    throw UsageError(flag, "'" + item + "' is neither a layer nor a range of layers",
                     "alexnet summary lists the layers; a range is written first-last");
  const std::size_t first = layer_index(spec, from), last = layer_index(spec, to);
  if (last < first)
    throw UsageError(flag, "'" + item + "' is in reverse order", "name the earlier layer first");
  return {first, last};
}

/// Calls body(item) for each of a comma-separated list; an empty list has none.
template <class Body>
void each_item(const std::string& list, Body&& body) {
  for (std::size_t at = 0; !list.empty() && at <= list.size();) {
    const std::size_t comma = std::min(list.find(',', at), list.size());
    body(list.substr(at, comma - at));
    at = comma + 1;
  }
}

}  // namespace

std::vector<bool> frozen_layers(const NetworkSpec& spec, const std::string& list) {
  std::vector<bool> frozen(spec.layers.size());
  each_item(list, [&](const std::string& item) {
    const auto [first, last] = layers_of(spec, item, "--freeze");
    for (std::size_t layer = first; layer <= last; ++layer) frozen[layer] = true;
  });
  return frozen;
}

std::vector<float> layer_rates(const NetworkSpec& spec, const std::string& list) {
  std::vector<float> rates(spec.layers.size(), 1.0F);
  each_item(list, [&](const std::string& item) {
    const std::size_t sign = item.rfind('=');
    if (sign == std::string::npos)
      throw UsageError("--layer-lr", "'" + item + "' has no factor", "write it as fc8=10");
    const auto [first, last] = layers_of(spec, item.substr(0, sign), "--layer-lr");
    const auto rate = setting_text::parse<float>("layer-lr", item.substr(sign + 1), {0, 1e6});
    for (std::size_t layer = first; layer <= last; ++layer) rates[layer] = rate;
  });
  return rates;
}

}  // namespace alexnet
