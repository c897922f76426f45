#include "formats/keras/network_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "alexnet/error.h"
#include "formats/shown.h"
#include "model/geometry.h"

namespace alexnet::keras {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxLayers = 10'000;  // as in model files

/// Layers that give images as they are, except in training.
bool is_augmentation(std::string_view kind) {
  constexpr std::array kKinds = {"RandomFlip",     "RandomRotation",   "RandomZoom",   "RandomTranslation",
                                 "RandomContrast", "RandomBrightness", "GaussianNoise"};
  return std::ranges::find(kKinds, kind) != kKinds.end();
}

/// A name that a network may have.
std::string plain(const std::string& name) {
  constexpr std::size_t kLongest = 60;
  const bool good =
      !name.empty() && name.size() <= kLongest &&
      std::ranges::none_of(name, [](unsigned char c) { return c < 0x20 || c >= 0x7F || c == '/'; });
  return good ? name : "keras";
}

}  // namespace

NetworkReader::NetworkReader(const Chain& chain, const WeightStore* store, const std::string& where)
    : chain_(chain), store_(store), where_(where) {}

ReadNetwork NetworkReader::read() {
  start();
  for (const ChainLayer& layer : chain_.layers) read(layer);
  finish();
  return std::move(result_);
}

void NetworkReader::start() {
  if (chain_.input == nullptr)
    throw DataError(where_, "does not say how large its input is",
                    "build the model with keras.Input(shape=...) and save it again");
  const json& batch = *chain_.input;
  if (!batch.is_array() || (batch.size() != 4 && batch.size() != 2))
    throw DataError(where_, "its input is neither an image nor a list of numbers");
  std::vector<int> sizes;
  for (std::size_t i = 1; i < batch.size(); ++i) {
    constexpr std::uint64_t kLargest = 65'536;  // as in layer_output()
    const bool fixed = batch[i].is_number_unsigned() && batch[i].get<std::uint64_t>() >= 1;
    if (!fixed || batch[i].get<std::uint64_t>() > kLargest * (batch.size() == 2 ? 256 : 1))
      throw DataError(where_, fmt::format("dimension {} of its input has no fixed size in range", i),
                      "build the model for one size of image and save it again");
    sizes.push_back(batch[i].get<int>());
  }
  flat_ = sizes.size() == 1;
  shape_ = flat_ ? Extent{sizes[0], 1, 1} : Extent{sizes[2], sizes[0], sizes[1]};
  result_.spec.name = plain(chain_.name);
  result_.spec.input = shape_;
  try {
    output_shapes(result_.spec);
  } catch (const UsageError& error) {
    throw DataError(where_, error.what());
  }
}

void NetworkReader::read(const ChainLayer& entry) {
  using Class = void (NetworkReader::*)(LayerConfig&);
  static const std::unordered_map<std::string_view, Class> kClasses = {
      {"Conv2D", &NetworkReader::conv},
      {"Dense", &NetworkReader::dense},
      {"BatchNormalization", &NetworkReader::batch_norm},
      {"MaxPooling2D", &NetworkReader::pool},
      {"AveragePooling2D", &NetworkReader::pool},
      {"GlobalMaxPooling2D", &NetworkReader::global_pool},
      {"GlobalAveragePooling2D", &NetworkReader::global_pool},
      {"ZeroPadding2D", &NetworkReader::zero_padding},
      {"Flatten", &NetworkReader::flatten},
      {"Reshape", &NetworkReader::reshape},
      {"Dropout", &NetworkReader::dropout},
      {"Activation", &NetworkReader::activation},
      {"ReLU", &NetworkReader::relu},
      {"Softmax", &NetworkReader::softmax},
      {"Rescaling", &NetworkReader::rescaling},
      {"Normalization", &NetworkReader::normalization}};
  current_ = &entry;
  LayerConfig layer(*entry.entry, where_);
  if (is_augmentation(layer.kind())) {
    result_.left_out.push_back(fmt::format("{} ({})", shown(layer.name()), layer.kind()));
    return;
  }
  const auto found = kClasses.find(layer.kind());
  if (found == kClasses.end()) layer.refuse("layers of this class are not supported");
  const bool slides = layer.kind() == "Conv2D" || layer.kind().ends_with("Pooling2D");
  if (pad_ && (!slides || layer.kind().starts_with("Global")))
    layer.refuse("follows padding, which only a convolution or a pooling may do");
  (this->*found->second)(layer);
  name_outputs(std::string(layer.name()));
  layer.finish();
}

/// A layer of Keras with an activation is two of ours. Lists in the order height, width, channel have no
/// counterpart.
void NetworkReader::name_outputs(const std::string& name) {
  std::vector<std::string>& outputs = result_.outputs;
  const std::size_t added = result_.spec.layers.size() - outputs.size();
  outputs.resize(result_.spec.layers.size());
  if (added == 0 || hwc_) return;
  outputs.back() = name;
  if (added == 2) outputs[outputs.size() - 2] = name + ":linear";
}

void NetworkReader::finish() {
  if (pad_) throw DataError(where_, "ends in padding");
  if (hwc_) throw DataError(where_, "its output has the channels last, which is not supported");
  if (result_.spec.layers.empty()) throw DataError(where_, "has a network without layers");
  try {
    output_shapes(result_.spec);
  } catch (const UsageError& error) {
    throw DataError(where_, error.what());
  }
}

std::string NetworkReader::add(const LayerConfig& layer, const LayerKind& kind) {
  if (result_.spec.layers.size() == kMaxLayers)
    throw DataError(where_, fmt::format("has more than {} layers", kMaxLayers));
  std::string name = names_.next(kind);
  result_.spec.layers.push_back({name, kind});
  try {
    shape_ = layer_output(result_.spec.layers.back(), shape_);
  } catch (const UsageError& error) {
    layer.refuse(error.problem());
  }
  return name;
}

Variable NetworkReader::variable(const LayerConfig& layer, int number, std::string_view name) const {
  return {layer.name(), current_->group, number, name};
}

void NetworkReader::require_image(const LayerConfig& layer) const {
  if (flat_) layer.refuse("needs an image, but its input is a list");
}

void NetworkReader::require_first(const LayerConfig& layer) const {
  if (!result_.spec.layers.empty() || pad_)
    layer.refuse("is supported only before the first layer that computes");
}

void NetworkReader::prepare_input(const std::vector<double>& scale, const std::vector<double>& shift) {
  const auto channels = static_cast<std::size_t>(shape_.channels);
  InputSteps& steps = result_.input;
  steps.scale.resize(channels, 1);
  steps.shift.resize(channels, 0);
  for (std::size_t c = 0; c < channels; ++c) {
    const double factor = scale[scale.size() == 1 ? 0 : c];
    steps.scale[c] *= factor;
    steps.shift[c] = factor * steps.shift[c] + shift[shift.size() == 1 ? 0 : c];
  }
}

}  // namespace alexnet::keras
