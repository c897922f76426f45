// Layers that leave the shape of their input as it is.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "formats/onnx/network_reader.h"

namespace alexnet::onnx {

void NetworkReader::activation(const StoredNode& node) {
  Attributes(node, where_).finish();
  if (node.op == "Relu") add(node, Activation{Activation::Kind::kRelu});
  if (node.op == "Tanh") add(node, Activation{Activation::Kind::kTanh});
  if (node.op == "Sigmoid") add(node, Activation{Activation::Kind::kSigmoid});
}

void NetworkReader::batch_norm(const StoredNode& node) {
  require_channels_first(node);
  Attributes attributes(node, where_);
  constexpr float kEpsilon = 1e-5F, kMomentum = 0.9F;
  const BatchNorm norm{.epsilon = attributes.real("epsilon", kEpsilon),
                       .momentum = attributes.real("momentum", kMomentum)};
  if (attributes.integer("spatial", 1) == 0 && !flat_)
    attributes.fail("spatial", "is 0, which is not supported");
  if (attributes.integer("training_mode", 0) != 0)
    attributes.fail("training_mode", "is 1, which is not supported");
  attributes.finish();
  const Shape channels = {shape_.channels};
  std::vector<WeightSource> sources;
  const std::pair<const char*, const char*> roles[] = {
      {".weight", "scale"}, {".bias", "shift"}, {".running_mean", "mean"}, {".running_var", "variance"}};
  for (std::size_t i = 0; i < std::size(roles); ++i) {
    const Constant& given = constant(node, i + 1, roles[i].second);
    if (given.shape != channels)
      refuse(where_, node,
             fmt::format("its {} {} does not fit {} channels", roles[i].second, to_string(given.shape),
                         shape_.channels));
    sources.push_back({.parameter = roles[i].first, .shape = channels, .constant = given});
  }
  const std::string name = add(node, norm);
  for (WeightSource& source : sources) {
    source.parameter.insert(0, name);
    result_.weights.push_back(std::move(source));
  }
}

void NetworkReader::lrn(const StoredNode& node) {
  require_image(node);
  Attributes attributes(node, where_);
  const std::int64_t size = attributes.integer("size", 0);
  if (size < 1 || size % 2 == 0 || size > shape_.channels * std::int64_t{2} + 1)
    attributes.fail("size", fmt::format("is {}, which is not supported", size));
  constexpr float kAlpha = 1e-4F, kBeta = 0.75F;
  const Lrn lrn{.size = static_cast<int>(size),
                .k = attributes.real("bias", 1),
                .alpha = attributes.real("alpha", kAlpha),
                .beta = attributes.real("beta", kBeta),
                .convention = Lrn::Convention::kMean};
  attributes.finish();
  add(node, lrn);
}

void NetworkReader::dropout(const StoredNode& node) {
  constexpr int kRatioIsAnInput = 12;
  Attributes attributes(node, where_);
  attributes.ignore("seed");
  constexpr float kRate = 0.5F;
  float rate = attributes.real("ratio", kRate);
  attributes.finish();
  if (opset_ >= kRatioIsAnInput) {
    const auto number = [&](std::size_t input, const char* what, float otherwise) {
      const Constant* given = optional_constant(node, input, what);
      if (given == nullptr) return otherwise;
      if (!given->shape.empty() && given->shape != Shape{1})
        refuse(where_, node, fmt::format("its {} is not one number", what));
      return values_.floats(*given).values[0];
    };
    rate = number(1, "ratio", rate);
    if (number(2, "training_mode", 0) != 0)
      refuse(where_, node, "is in training mode, which is not supported");
  }
  add(node, Dropout{rate});
}

void NetworkReader::softmax(const StoredNode& node) {
  constexpr int kLastAxis = 13;  // from here on the default, and the only axis that is summed over
  Attributes attributes(node, where_);
  std::int64_t axis = attributes.integer("axis", opset_ >= kLastAxis ? -1 : 1);
  attributes.finish();
  if (axis < 0) axis += flat_ ? 2 : 4;
  const bool one_pixel = shape_.height == 1 && shape_.width == 1 && !channels_last_;
  if (hwc_ || axis != 1 || !one_pixel)
    attributes.fail("axis", "is not that of the classes, which alone is supported");
  add(node, Softmax{.log = node.op == "LogSoftmax"});
}

void NetworkReader::pass(const StoredNode& node) {
  Attributes attributes(node, where_);
  constexpr std::int64_t kFloats[] = {1, 10, 11, 16};  // float, float16, double, bfloat16
  if (node.op == "Cast") {
    const std::int64_t type = attributes.integer("to", 0);
    if (std::ranges::find(kFloats, type) == std::end(kFloats))
      attributes.fail("to", "is not a type of floating-point numbers, which alone are supported");
    attributes.ignore("saturate");
  }
  attributes.finish();
}

}  // namespace alexnet::onnx
