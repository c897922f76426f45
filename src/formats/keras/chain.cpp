#include "formats/keras/chain.h"

#include <fmt/format.h>

#include <map>
#include <optional>
#include <string_view>
#include <utility>

#include "alexnet/error.h"
#include "formats/keras/layer_config.h"
#include "formats/shown.h"

namespace alexnet::keras {
namespace {

using nlohmann::json;

constexpr std::string_view kInput = "InputLayer";

const json* member(const json& object, const char* key) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(key);
  return found == object.end() || found->is_null() ? nullptr : &*found;
}

std::string text(const json& object, const char* key) {
  const json* found = member(object, key);
  return found != nullptr && found->is_string() ? found->get<std::string>() : std::string();
}

/// What Keras makes of the name of a class.
std::string group_of_class(const std::string& kind) {
  constexpr std::pair<std::string_view, std::string_view> kGroups[] = {
      {"Conv2D", "conv2d"},
      {"Dense", "dense"},
      {"BatchNormalization", "batch_normalization"},
      {"Normalization", "normalization"}};
  for (const auto& [name, group] : kGroups)
    if (name == kind) return std::string(group);
  return {};
}

/// Shape of a batch as a layer states it: "batch_shape" since Keras 3.
const json* batch_shape(const json& layer) {
  const json* settings = member(layer, "config");
  if (settings == nullptr) return nullptr;
  const json* shape = member(*settings, "batch_shape");
  return shape != nullptr ? shape : member(*settings, "batch_input_shape");
}

/// Names of the layers that a layer reads: ["name", 0, 0, ...] in lists (Keras 2), or objects with such a
/// history (Keras 3).
std::vector<std::string> sources(const json& nodes) {
  std::vector<std::string> names;
  std::vector<const json*> left = {&nodes};
  while (!left.empty()) {
    const json& one = *left.back();
    left.pop_back();
    if (one.is_array() && one.size() >= 3 && one[0].is_string() && one[1].is_number() && one[2].is_number())
      names.push_back(one[0].get<std::string>());
    else if (one.is_array() || one.is_object())
      for (const json& item : one) left.push_back(&item);
  }
  return names;
}

class GraphOrder {
 public:
  GraphOrder(const json& layers, const std::string& where) : where_(where) {
    for (std::size_t i = 0; i < layers.size(); ++i) add(layers[i], i);
  }

  /// Indices of the layers behind the input, in their order.
  std::vector<std::size_t> order() const {
    if (!input_) throw DataError(where_, "has a network without an input");
    std::vector<std::size_t> order;
    const std::string* current = &*input_;
    for (auto reader = readers_.find(*current); reader != readers_.end(); reader = readers_.find(*current)) {
      if (order.size() == readers_.size()) break;  // a cycle
      order.push_back(reader->second.second);
      current = &reader->second.first;
    }
    if (order.size() != readers_.size())
      throw DataError(where_, fmt::format("is no chain of layers: only {} of its {} layers follow its input",
                                          order.size(), readers_.size()));
    return order;
  }

 private:
  void add(const json& layer, std::size_t index) {
    std::string name = text(layer, "name");
    if (name.empty() && member(layer, "config") != nullptr) name = text(*member(layer, "config"), "name");
    if (class_of(layer) == kInput) {
      if (input_) throw DataError(where_, "is no chain of layers: it has several inputs");
      input_ = std::move(name);
      return;
    }
    const json* nodes = member(layer, "inbound_nodes");
    const std::vector<std::string> read = nodes == nullptr ? std::vector<std::string>() : sources(*nodes);
    if (read.size() != 1)
      throw DataError(where_,
                      fmt::format("layer '{}' ({}): reads {} values: only chains of layers are supported",
                                  shown(name), shown(class_of(layer)), read.size()));
    if (!readers_.emplace(read.front(), std::pair(name, index)).second)
      throw DataError(where_,
                      fmt::format("is no chain of layers: two layers read '{}'", shown(read.front())));
  }

  const std::string& where_;
  std::optional<std::string> input_;
  std::map<std::string, std::pair<std::string, std::size_t>> readers_;  // by the layer that they read
};

}  // namespace

Chain read_chain(const json& model, const std::string& where) {
  const std::string kind = class_of(model);
  const bool sequential = kind == "Sequential";
  if (!sequential && kind != "Functional" && kind != "Model")
    throw DataError(where,
                    fmt::format("is a model of class '{}', whose network is not in the file", shown(kind)),
                    "build it in Keras as Sequential or Functional, load its weights, and save it");
  const json* settings = member(model, "config");
  // Before Keras 2.2.3, the settings of a Sequential model were its layers.
  const json* layers = settings != nullptr && !settings->is_array() ? member(*settings, "layers") : settings;
  if (layers == nullptr || !layers->is_array() || layers->empty())
    throw DataError(where, "has a network without layers");
  Chain chain{.name = settings->is_object() ? text(*settings, "name") : std::string(), .layers = {}};
  std::map<std::string, int> counts;
  for (const json& layer : *layers) {
    std::string group = group_of_class(class_of(layer));
    if (const int before = group.empty() ? 0 : counts[group]++; before > 0)
      group += fmt::format("_{}", before);
    chain.layers.push_back({&layer, std::move(group)});
    if (class_of(layer) == kInput) chain.input = batch_shape(layer);
  }
  if (!sequential) {
    std::vector<ChainLayer> ordered;
    for (const std::size_t index : GraphOrder(*layers, where).order()) ordered.push_back(chain.layers[index]);
    chain.layers = std::move(ordered);
  } else {
    if (class_of(layers->front()) == kInput)
      chain.layers.erase(chain.layers.begin());
    else
      chain.input = batch_shape(layers->front());
    if (chain.input == nullptr && settings->is_object()) chain.input = member(*settings, "build_input_shape");
    if (const json* build = member(model, "build_config"); chain.input == nullptr && build != nullptr)
      chain.input = member(*build, "input_shape");
  }
  return chain;
}

}  // namespace alexnet::keras
