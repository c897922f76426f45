#include "formats/keras/layer_config.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <string_view>

#include "alexnet/error.h"
#include "formats/shown.h"

namespace alexnet::keras {
namespace {

using nlohmann::json;

/// Settings of training, of names, and of the shape that another layer has already told.
bool has_no_effect(std::string_view key) {
  constexpr std::array kKeys = {"name",        "trainable",  "dtype",          "batch_input_shape",
                                "batch_shape", "seed",       "noise_shape",    "build_input_shape",
                                "lora_rank",   "lora_alpha", "renorm_momentum"};
  for (const std::string_view known : kKeys)
    if (key == known) return true;
  return key.ends_with("_initializer") || key.ends_with("_regularizer") || key.ends_with("_constraint");
}

std::string text_of(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

}  // namespace

std::string class_of(const json& object) {
  return object.is_object() ? text_of(object, "class_name") : std::string();
}

LayerConfig::LayerConfig(const json& layer, const std::string& where)
    : layer_(layer), where_(where), kind_(class_of(layer)) {
  if (kind_.empty()) throw DataError(where, "has a layer without a class");
  const auto settings = layer.find("config");
  if (settings == layer.end() || !settings->is_object()) refuse("has no settings");
  settings_ = &*settings;
  name_ = text_of(*settings_, "name");
  if (name_.empty()) refuse("has no name");
  const std::string module = text_of(layer, "module"), registered = text_of(layer, "registered_name");
  if ((!module.empty() && !module.starts_with("keras")) || registered.find('>') != std::string::npos)
    refuse("is not a layer of Keras itself, but of a program, which is not run");
  if (const json* type = find("dtype"); type != nullptr && class_of(*type).starts_with("Quantized"))
    fail("dtype", "is a quantised one, which is not supported");
  if (const std::string order = text("data_format", "channels_last"); order != "channels_last")
    fail("data_format", fmt::format("is '{}', but only 'channels_last' is supported", shown(order)));
}

const json* LayerConfig::find(const char* key) {
  known_.insert(key);
  const auto found = settings_->find(key);
  return found == settings_->end() || found->is_null() ? nullptr : &*found;
}

bool LayerConfig::flag(const char* key, bool otherwise) {
  const json* value = find(key);
  if (value == nullptr) return otherwise;
  if (!value->is_boolean()) fail(key, "is not true or false");
  return value->get<bool>();
}

int LayerConfig::whole(const char* key, std::optional<int> otherwise) {
  const json* value = find(key);
  if (value == nullptr && !otherwise) fail(key, "is missing");
  return value == nullptr ? *otherwise : whole_of(*value, key);
}

int LayerConfig::whole_of(const json& value, const char* key) const {
  constexpr std::uint64_t kLargest = 1 << 30;
  if (!value.is_number_unsigned() || value.get<std::uint64_t>() > kLargest)
    fail(key, "is not a whole number from 0 to 2^30");
  return value.get<int>();
}

float LayerConfig::real(const char* key, float otherwise) {
  const json* value = find(key);
  if (value == nullptr) return otherwise;
  if (!value->is_number()) fail(key, "is not a number");
  return value->get<float>();
}

std::string LayerConfig::text(const char* key, const std::string& otherwise) {
  const json* value = find(key);
  if (value == nullptr) return otherwise;
  if (!value->is_string()) fail(key, "is not a text");
  return value->get<std::string>();
}

Size2 LayerConfig::size(const char* key, std::optional<Size2> otherwise) {
  const json* value = find(key);
  if (value == nullptr) {
    if (!otherwise) fail(key, "is missing");
    return *otherwise;
  }
  if (!value->is_array()) return whole_of(*value, key);
  if (value->size() != 2) fail(key, fmt::format("has {} numbers, not 2", value->size()));
  return {whole_of((*value)[0], key), whole_of((*value)[1], key)};
}

std::string LayerConfig::function(const char* key) {
  const json* value = find(key);
  if (value == nullptr) return "linear";
  if (value->is_string()) return value->get<std::string>();
  if (class_of(*value) == "function") return text_of(*value, "config");
  fail(key, fmt::format("is '{}', which is not supported", shown(class_of(*value))));
}

std::vector<double> LayerConfig::numbers(const char* key, std::size_t most) {
  std::vector<double> numbers;
  const json* value = find(key);
  if (value == nullptr) return numbers;
  std::vector<const json*> left = {value};
  while (!left.empty()) {
    const json& one = *left.back();
    left.pop_back();
    if (one.is_array()) {
      for (auto item = one.rbegin(); item != one.rend(); ++item) left.push_back(&*item);
    } else if (!one.is_number() || !std::isfinite(one.get<double>()) || numbers.size() == most) {
      fail(key, fmt::format("is not a list of up to {} numbers", most));
    } else {
      numbers.push_back(one.get<double>());
    }
  }
  return numbers;
}

float LayerConfig::l2(const char* key) {
  const json* value = find(key);
  if (value == nullptr || !value->is_object()) return 0;
  const auto settings = value->find("config");
  if (settings == value->end() || !settings->is_object()) return 0;
  const auto number = [&](const char* name) {
    const auto found = settings->find(name);
    return found != settings->end() && found->is_number() ? found->get<float>() : 0.0F;
  };
  const std::string kind = class_of(*value);
  const bool plain = kind == "L2" || (kind == "L1L2" && number("l1") == 0);
  return plain && number("l2") > 0 && std::isfinite(number("l2")) ? number("l2") : 0;
}

void LayerConfig::finish() {
  for (const auto& [key, value] : settings_->items()) {
    const bool off = value.is_null() || value == false;
    if (!off && !known_.contains(key) && !has_no_effect(key)) fail(key, "is not known");
  }
}

void LayerConfig::fail(const std::string& key, const std::string& problem) const {
  refuse(fmt::format("its setting '{}' {}", shown(key), problem));
}

void LayerConfig::refuse(const std::string& problem) const {
  throw DataError(where_, fmt::format("layer '{}' ({}): {}", shown(name_), shown(kind_), problem));
}

}  // namespace alexnet::keras
