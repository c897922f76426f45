// What each class of layers is in the network as data.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "formats/element.h"
#include "formats/keras/network_reader.h"
#include "formats/shown.h"

namespace alexnet::keras {

void NetworkReader::conv(LayerConfig& layer) {
  require_image(layer);
  Conv conv{.filters = layer.whole("filters"),
            .kernel = layer.size("kernel_size"),
            .stride = layer.size("strides", 1),
            .padding = padding(layer),
            .groups = layer.whole("groups", 1),
            .l2 = layer.l2("kernel_regularizer")};
  if (layer.size("dilation_rate", 1) != Size2(1))
    layer.fail("dilation_rate", "is more than 1, which is not supported");
  const bool has_bias = layer.flag("use_bias", true);
  const std::string function = layer.function("activation");
  if (conv.groups < 1 || shape_.channels % conv.groups != 0)
    layer.fail("groups", fmt::format("does not divide its {} channels", shape_.channels));
  const int in = shape_.channels / conv.groups;
  const std::string name = add(layer, conv);
  const Shape stored = {conv.kernel.height, conv.kernel.width, in, conv.filters};
  result_.weights.push_back({.parameter = name + ".weight",
                             .shape = {stored[3], stored[2], stored[0], stored[1]},
                             .variable = variable(layer, 0, "kernel"),
                             .stored = stored,
                             .permutation = {3, 2, 0, 1}});
  result_.weights.push_back({.parameter = name + ".bias", .shape = {stored[3]}, .stored = {stored[3]}});
  if (has_bias) result_.weights.back().variable = variable(layer, 1, "bias");
  activate(layer, function);
}

void NetworkReader::dense(LayerConfig& layer) {
  if (shape_.height != 1 || shape_.width != 1)
    layer.refuse("computes each pixel by itself, which is not supported: there is no Flatten before it");
  const Dense dense{.units = layer.whole("units"), .l2 = layer.l2("kernel_regularizer")};
  const bool has_bias = layer.flag("use_bias", true);
  const std::string function = layer.function("activation");
  const int in = shape_.channels;
  const std::string name = add(layer, dense);
  WeightSource weight{.parameter = name + ".weight",
                      .shape = {dense.units, in},
                      .variable = variable(layer, 0, "kernel"),
                      .stored = {in, dense.units},
                      .permutation = {1, 0}};
  if (const auto image = std::exchange(hwc_, std::nullopt)) {
    weight.view = {image->height, image->width, image->channels, dense.units};
    weight.permutation = {3, 2, 0, 1};
  }
  result_.weights.push_back(std::move(weight));
  result_.weights.push_back({.parameter = name + ".bias", .shape = {dense.units}, .stored = {dense.units}});
  if (has_bias) result_.weights.back().variable = variable(layer, 1, "bias");
  activate(layer, function);
}

void NetworkReader::batch_norm(LayerConfig& layer) {
  const double last = flat_ ? 1 : 3;
  const std::vector<double> axes = layer.numbers("axis", 4);
  if (axes.size() > 1 || (axes.size() == 1 && axes[0] != -1 && axes[0] != last))
    layer.fail("axis", "is not the last one, that of the channels");
  const bool has_scale = layer.flag("scale", true), has_shift = layer.flag("center", true);
  const BatchNorm norm{.epsilon = layer.real("epsilon", 1e-3F), .momentum = layer.real("momentum", 0.99F)};
  const std::string name = add(layer, norm);
  int number = 0;
  const auto take = [&](const char* suffix, bool there, std::string_view variable_name, float otherwise) {
    WeightSource source{.parameter = name + suffix,
                        .shape = {shape_.channels},
                        .stored = {shape_.channels},
                        .value = otherwise};
    if (there) source.variable = variable(layer, number++, variable_name);
    if (hwc_) {
      source.view = {hwc_->height, hwc_->width, hwc_->channels};
      source.permutation = {2, 0, 1};
    }
    result_.weights.push_back(std::move(source));
  };
  take(".weight", has_scale, "gamma", 1);
  take(".bias", has_shift, "beta", 0);
  take(".running_mean", true, "moving_mean", 0);
  take(".running_var", true, "moving_variance", 1);
}

Padding NetworkReader::padding(LayerConfig& layer) {
  const std::string mode = layer.text("padding", "valid");
  const std::optional<Sides> pad = std::exchange(pad_, std::nullopt);
  if (mode != "valid" && mode != "same")
    layer.fail("padding", fmt::format("is '{}', which is not supported", shown(mode)));
  if (mode == "valid") return pad ? Padding{Padding::Mode::kExplicit, *pad} : Padding{};
  if (pad) layer.fail("padding", "is 'same' behind a ZeroPadding2D, which is not supported");
  return {Padding::Mode::kSame, 0};
}

bool NetworkReader::not_negative() const {
  if (result_.spec.layers.empty()) return false;
  const auto* last = std::get_if<Activation>(&result_.spec.layers.back().kind);
  return last != nullptr && last->kind != Activation::Kind::kTanh;
}

void NetworkReader::pool(LayerConfig& layer) {
  require_image(layer);
  Pool pool{.kind = layer.kind() == "MaxPooling2D" ? Pool::Kind::kMax : Pool::Kind::kAverage,
            .kernel = layer.size("pool_size", 2)};
  pool.stride = layer.size("strides", pool.kernel);
  const bool padded = pad_.has_value();
  // The zeros of a ZeroPadding2D are no maximum where all else is 0 or more.
  if (padded && pool.kind == Pool::Kind::kMax && !not_negative())
    layer.refuse("takes maxima of values and of the zeros of a ZeroPadding2D, which is not supported");
  pool.padding = padding(layer);
  pool.counts_padding = padded && pool.kind == Pool::Kind::kAverage;
  add(layer, pool);
}

void NetworkReader::global_pool(LayerConfig& layer) {
  require_image(layer);
  add(layer, Pool{.kind = layer.kind() == "GlobalMaxPooling2D" ? Pool::Kind::kMax : Pool::Kind::kAverage,
                  .kernel = {shape_.height, shape_.width},
                  .stride = 1});
  flat_ = !layer.flag("keepdims", false);
}

void NetworkReader::zero_padding(LayerConfig& layer) {
  require_image(layer);
  std::vector<double> sides = layer.numbers("padding", 4);
  if (sides.size() == 1) sides.resize(4, sides[0]);                         // all
  if (sides.size() == 2) sides = {sides[0], sides[0], sides[1], sides[1]};  // rows, columns
  constexpr double kLargest = 65'536;                                       // as in layer_output()
  const auto whole = [&](double side) { return side >= 0 && side <= kLargest && side == std::floor(side); };
  if (sides.size() != 4 || !std::ranges::all_of(sides, whole))
    layer.fail("padding", "is not a number of pixels, or two, or four");
  const auto pixels = [&](std::size_t i) { return static_cast<int>(sides[i]); };  // top, bottom, left, right
  const Sides pad = {pixels(0), pixels(2), pixels(1), pixels(3)};
  if (pad != Sides{}) pad_ = pad;
}

void NetworkReader::flatten(LayerConfig& layer) {
  if (shape_.height != 1 || shape_.width != 1) {
    const Extent image = shape_;
    add(layer, Flatten{});
    if (image.channels > 1) hwc_ = image;
    result_.flattens = true;
  }
  flat_ = true;
}

/// Supported where no value moves but into a list.
void NetworkReader::reshape(LayerConfig& layer) {
  const std::vector<double> target = layer.numbers("target_shape", 4);
  const auto size = static_cast<double>(shape_.size());
  const std::vector<double> image = {static_cast<double>(shape_.height), static_cast<double>(shape_.width),
                                     static_cast<double>(shape_.channels)};
  if (target.size() == 1 && (target[0] == -1 || target[0] == size)) return flatten(layer);
  if (target != image || hwc_) layer.fail("target_shape", "is neither that of a list nor that of the input");
  flat_ = false;
}

void NetworkReader::dropout(LayerConfig& layer) { add(layer, Dropout{layer.real("rate", 0)}); }

void NetworkReader::activation(LayerConfig& layer) { activate(layer, layer.function("activation")); }

void NetworkReader::relu(LayerConfig& layer) {
  for (const char* key : {"max_value", "negative_slope", "threshold"})
    for (const double value : layer.numbers(key, 1))
      if (value != 0 || std::string_view(key) == "max_value")
        layer.fail(key, fmt::format("is {}, which is not supported", value));
  add(layer, Activation{});
}

void NetworkReader::softmax(LayerConfig& layer) {
  for (const double axis : layer.numbers("axis", 1))
    if (axis != -1 && axis != 1) layer.fail("axis", "is not the last one");
  activate(layer, "softmax");
}

void NetworkReader::activate(LayerConfig& layer, const std::string& function) {
  if (function == "linear") return;
  if (function == "relu") return void(add(layer, Activation{Activation::Kind::kRelu}));
  if (function == "tanh") return void(add(layer, Activation{Activation::Kind::kTanh}));
  if (function == "sigmoid") return void(add(layer, Activation{Activation::Kind::kSigmoid}));
  if (function != "softmax" && function != "log_softmax")
    layer.fail("activation", fmt::format("is '{}', which is not supported", shown(function)));
  add(layer, Softmax{.log = function == "log_softmax"});
}

void NetworkReader::rescaling(LayerConfig& layer) {
  require_first(layer);
  const auto channels = static_cast<std::size_t>(shape_.channels);
  std::vector<double> scale = layer.numbers("scale", channels), offset = layer.numbers("offset", channels);
  if (offset.empty()) offset = {0};
  for (const auto& [key, numbers] : {std::pair("scale", &scale), std::pair("offset", &offset)})
    if (numbers->size() != 1 && numbers->size() != channels)
      layer.fail(key, fmt::format("is neither one number nor {}", channels));
  prepare_input(scale, offset);
}

void NetworkReader::normalization(LayerConfig& layer) {
  require_first(layer);
  const auto channels = static_cast<std::size_t>(shape_.channels);
  const double last = flat_ ? 1 : 3;
  const std::vector<double> axes = layer.numbers("axis", 4);
  const bool per_channel = axes.size() == 1 && (axes[0] == -1 || axes[0] == last);
  if (!axes.empty() && !per_channel) layer.fail("axis", "is not the last one, that of the channels");
  if (layer.flag("invert", false)) layer.fail("invert", "is true, which is not supported");
  const std::size_t count = axes.empty() ? 1 : channels;
  std::vector<double> mean = layer.numbers("mean", channels), variance = layer.numbers("variance", channels);
  const auto stored = [&](int number, std::string_view name) {
    if (store_ == nullptr) layer.refuse("has no mean and variance");
    const StoredVariable found = store_->find(variable(layer, number, name));
    const auto size = static_cast<std::size_t>(element_count(found.dataset->shape));
    if (size != count) layer.refuse(fmt::format("its {} has {} values for {} channels", name, size, count));
    std::vector<float> values(size);
    to_float(found.dataset->element, found.dataset->values, values);
    return std::vector<double>(values.begin(), values.end());
  };
  if (mean.empty()) mean = stored(0, "mean");
  if (variance.empty()) variance = stored(1, "variance");
  std::vector<double> scale, shift;
  for (std::size_t c = 0; c < channels; ++c) {
    constexpr double kSmallest = 1e-7;  // Keras's epsilon
    const auto of = [&](const std::vector<double>& values) { return values[values.size() == 1 ? 0 : c]; };
    if ((mean.size() != 1 && mean.size() != channels) ||
        (variance.size() != 1 && variance.size() != channels))
      layer.refuse(fmt::format("its mean or variance has another number of values than {}", channels));
    scale.push_back(1 / std::max(std::sqrt(of(variance)), kSmallest));
    shift.push_back(-of(mean) * scale.back());
  }
  prepare_input(scale, shift);
}

}  // namespace alexnet::keras
