// Fully connected layers, and what makes their input flat.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "formats/onnx/network_reader.h"

namespace alexnet::onnx {
namespace {

/// Whether a constant that is added or multiplied has one value per channel, or one for all: every other
/// axis, counted from the last, has one value.
bool is_per_channel(const Shape& shape, std::int64_t channels, bool flat) {
  const std::size_t axis = flat ? 0 : 2;  // from the last
  for (std::size_t i = 0; i < shape.size(); ++i) {
    const std::int64_t extent = shape[shape.size() - 1 - i];
    if (extent != 1 && (i != axis || extent != channels)) return false;
  }
  return true;
}

}  // namespace

void NetworkReader::gemm(const StoredNode& node) {
  Attributes attributes(node, where_);
  if (attributes.integer("transA", 0) != 0) attributes.fail("transA", "is 1, which is not supported");
  const bool transposed = attributes.integer("transB", 0) == 0;
  const float alpha = attributes.real("alpha", 1), beta = attributes.real("beta", 1);
  attributes.finish();
  dense(node, constant(node, 1, "weights"), transposed, alpha);
  if (const Constant* bias = optional_constant(node, 2, "bias")) take_bias(node, *bias, beta);
  open_bias_ = false;
}

void NetworkReader::matmul(const StoredNode& node) {
  Attributes(node, where_).finish();
  if (node.inputs.size() != 2 || node.inputs[0] != current_)
    refuse(where_, node, "multiplies from the left, which is not supported");
  dense(node, constant(node, 1, "weights"), true, 1);
  open_bias_ = true;
}

void NetworkReader::dense(const StoredNode& node, const Constant& weight, bool transposed, float factor) {
  require_flat(node);
  if (weight.shape.size() != 2)
    refuse(where_, node, fmt::format("its weights have {} dimensions, not 2", weight.shape.size()));
  const auto units = whole(node, "number of units", weight.shape[transposed ? 1 : 0]);
  const std::int64_t inputs = weight.shape[transposed ? 0 : 1];
  if (inputs != shape_.size())
    refuse(where_, node,
           fmt::format("its weights {} do not fit {} inputs", to_string(weight.shape), shape_.size()));
  const std::string name = add(node, Dense{.units = static_cast<int>(units)});
  result_.weights.push_back({.parameter = name + ".weight",
                             .shape = {units, inputs},
                             .constant = weight,
                             .transposed = transposed != weight.transposed,
                             .channels_last = std::exchange(hwc_, std::nullopt),
                             .factor = factor});
  result_.weights.push_back({.parameter = name + ".bias", .shape = {units}});
}

/// The bias of the layer that was added last.
void NetworkReader::take_bias(const StoredNode& node, const Constant& constant, float factor) {
  WeightSource& bias = result_.weights.back();
  const std::int64_t units = bias.shape.front();
  // A convolution's own input is a list, what is added behind it has axes for rows and columns.
  const bool listed = node.op == "Conv" || flat_;
  if (!is_per_channel(constant.shape, units, listed) || constant.transposed)
    refuse(where_, node,
           fmt::format("its bias {} does not fit {} outputs", to_string(constant.shape), units));
  bias.constant = constant;
  bias.factor = factor;
}

/// A bias, or what prepares the input.
void NetworkReader::arithmetic(const StoredNode& node) {
  Attributes attributes(node, where_);
  attributes.ignore("axis");
  attributes.finish();
  if (node.inputs.size() != 2) refuse(where_, node, "does not have two inputs");
  const std::size_t other = node.inputs[0] == current_ ? 1 : 0;
  const Constant& number = constant(node, other, "second input");
  if (result_.spec.layers.empty()) {
    prepare_input(node, number, other == 0);
    return;
  }
  if (node.op != "Add" || !open_bias_)
    refuse(where_, node, "computes with a constant that is not the bias of the layer before it");
  take_bias(node, number, 1);
  open_bias_ = false;
}

void NetworkReader::prepare_input(const StoredNode& node, const Constant& number, bool reversed) {
  constexpr int kMostChannels = 1024;
  require_channels_first(node);
  if (shape_.channels > kMostChannels) refuse(where_, node, "prepares an input of too many channels");
  const auto channels = static_cast<std::size_t>(shape_.channels);
  if (reversed && (node.op == "Sub" || node.op == "Div"))
    refuse(where_, node, "has the image as its second input, which is not supported");
  if (!is_per_channel(number.shape, shape_.channels, flat_) || number.transposed)
    refuse(where_, node,
           fmt::format("its constant {} is not one number per channel", to_string(number.shape)));
  const TensorView values = values_.floats(number);
  InputSteps& steps = result_.input;
  steps.scale.resize(channels, 1);
  steps.shift.resize(channels, 0);
  for (std::size_t c = 0; c < channels; ++c) {
    const double value = values.values[values.values.size() == 1 ? 0 : c];
    if (node.op == "Add") steps.shift[c] += value;
    if (node.op == "Sub") steps.shift[c] -= value;
    if (node.op == "Mul" || node.op == "Div") {
      const double factor = node.op == "Mul" ? value : 1 / value;
      steps.scale[c] *= factor;
      steps.shift[c] *= factor;
    }
  }
}

/// The channels of an image in another order.
void NetworkReader::gather(const StoredNode& node) {
  Attributes attributes(node, where_);
  const std::int64_t axis = attributes.integer("axis", 0);
  attributes.finish();
  const InputSteps& steps = result_.input;
  if (!result_.spec.layers.empty() || !steps.order.empty() || !steps.scale.empty() || flat_ ||
      channels_last_ || (axis != 1 && axis != -3) || node.inputs.front() != current_)
    refuse(where_, node, "selects values, which is supported only for the channels of the input");
  const Integers order = values_.integers(constant(node, 1, "indices"));
  Integers sorted = order;
  std::ranges::sort(sorted);
  for (std::size_t i = 0; i < sorted.size(); ++i)
    if (sorted[i] != static_cast<std::int64_t>(i)) refuse(where_, node, "leaves channels out");
  if (sorted.size() != static_cast<std::size_t>(shape_.channels)) refuse(where_, node, "leaves channels out");
  result_.input.order = order;
}

void NetworkReader::make_flat(const StoredNode& node) {
  if (flat_) return;
  const bool pixels = shape_.height > 1 || shape_.width > 1;
  if (channels_last_ && pixels) hwc_ = shape_;
  channels_last_ = false;
  flat_ = true;
  if (pixels) add(node, Flatten{});
}

void NetworkReader::flatten(const StoredNode& node) {
  Attributes attributes(node, where_);
  const std::int64_t axis = attributes.integer("axis", 1);
  attributes.finish();
  if (axis != 1 && axis != (flat_ ? -1 : -3)) attributes.fail("axis", fmt::format("is {}, not 1", axis));
  make_flat(node);
}

void NetworkReader::reshape(const StoredNode& node) {
  Attributes attributes(node, where_);
  const bool zero_is_empty = attributes.integer("allowzero", 0) != 0;
  attributes.finish();
  const Integers to = values_.integers(constant(node, 1, "shape"));
  const std::int64_t size = shape_.size();
  const auto is_batch = [&](std::int64_t n) {
    return (n == 0 && !zero_is_empty) || n == 1 || n == -1 || (n > 0 && n == batch_);
  };
  if (to.size() == 2 && is_batch(to[0]) && (to[1] == size || (to[1] == -1 && to[0] != -1))) {
    make_flat(node);
    return;
  }
  // Back to an image of one pixel.
  if (to.size() == 4 && flat_ && !hwc_ && is_batch(to[0]) && to[1] == size && to[2] == 1 && to[3] == 1) {
    shape_ = {static_cast<int>(size), 1, 1};
    flat_ = false;
    return;
  }
  refuse(where_, node, "changes the shape of an image other than into a list, which is not supported");
}

void NetworkReader::squeeze(const StoredNode& node) {
  constexpr int kAxesAreAnInput = 13;
  Attributes attributes(node, where_);
  Integers axes = attributes.integers("axes").value_or(Integers());
  if (opset_ >= kAxesAreAnInput)
    if (const Constant* list = optional_constant(node, 1, "axes")) axes = values_.integers(*list);
  attributes.finish();
  for (std::int64_t& axis : axes) axis += axis < 0 ? 4 : 0;
  std::ranges::sort(axes);
  if (flat_ || channels_last_ || shape_.height != 1 || shape_.width != 1 || axes != Integers{2, 3})
    refuse(where_, node, "removes other axes than those of an image of one pixel, which is not supported");
  make_flat(node);
}

/// Other programs keep the channels of an image last. The order is that of the input and of the values that
/// are flattened; it makes no difference to what is computed in between.
void NetworkReader::transpose(const StoredNode& node) {
  Attributes attributes(node, where_);
  const Integers order = attributes.integers("perm").value_or(Integers());
  attributes.finish();
  const Integers to_first = {0, 3, 1, 2}, to_last = {0, 2, 3, 1};
  const bool untouched =
      result_.spec.layers.empty() && result_.input == InputSteps{} && !result_.channels_last;
  if (flat_ || (order != to_first && order != to_last))
    attributes.fail("perm", "is neither 0, 3, 1, 2 nor 0, 2, 3, 1, which alone are supported");
  if (order == to_last && !channels_last_ && !pad_) {
    channels_last_ = true;
  } else if (order == to_first && channels_last_) {
    channels_last_ = false;
  } else if (order == to_first && untouched) {
    shape_ = {shape_.width, shape_.channels, shape_.height};
    result_.spec.input = shape_;
    result_.channels_last = true;
  } else {
    refuse(where_, node, "moves axes other than the channels, which is not supported");
  }
}

}  // namespace alexnet::onnx
