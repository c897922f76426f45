// What a network is and costs, layer by layer.
#include <fmt/format.h>

#include "alexnet/network.h"

namespace alexnet {
namespace {

std::string window_text(const Size2& kernel, const Size2& stride) {
  const std::string steps = stride.is_square() ? fmt::format("{}", stride.height)
                                               : fmt::format("{}x{}", stride.height, stride.width);
  return fmt::format("{}x{} / {}", kernel.height, kernel.width, steps);
}

/// The window, and what the border means where it is not the usual: "valid", sizes rounded down.
std::string padding_text(const Padding& padding) {
  const Sides& pad = padding.pad;
  if (padding.mode != Padding::Mode::kExplicit || pad == Sides(0)) return {};
  if (pad.are_equal()) return fmt::format(", pad {}", pad.top);
  return fmt::format(", pad {} {} {} {}", pad.top, pad.left, pad.bottom, pad.right);
}

/// Visitor: kind, for people.
struct KindOf {
  std::string operator()(const Conv&) const { return "conv"; }
  std::string operator()(const Activation& activation) const {
    switch (activation.kind) {
      case Activation::Kind::kRelu:
        return "relu";
      case Activation::Kind::kTanh:
        return "tanh";
      case Activation::Kind::kSigmoid:
        return "sigmoid";
    }
    return {};
  }
  std::string operator()(const BatchNorm&) const { return "batch norm"; }
  std::string operator()(const Lrn&) const { return "lrn"; }
  std::string operator()(const Pool& pool) const {
    return pool.kind == Pool::Kind::kMax ? "max pool" : "average pool";
  }
  std::string operator()(const Dropout&) const { return "dropout"; }
  std::string operator()(const Flatten&) const { return "flatten"; }
  std::string operator()(const Dense&) const { return "dense"; }
  std::string operator()(const Softmax& softmax) const { return softmax.log ? "log softmax" : "softmax"; }
};

/// Visitor: what is set, for people.
struct SettingOf {
  std::string operator()(const Conv& conv) const {
    const std::string text = window_text(conv.kernel, conv.stride) + padding_text(conv.padding);
    return conv.groups == 1 ? text : fmt::format("{}, {} groups", text, conv.groups);
  }
  std::string operator()(const Lrn& lrn) const {
    const char* divisor = lrn.convention == Lrn::Convention::kMean ? "/n" : "";
    const std::string region = lrn.region == Lrn::Region::kWithinChannel ? fmt::format("{0}x{0}", lrn.size)
                                                                         : fmt::format("n {}", lrn.size);
    return fmt::format("{} k {} a {}{} b {}", region, lrn.k, lrn.alpha, divisor, lrn.beta);
  }
  std::string operator()(const Pool& pool) const {
    return window_text(pool.kernel, pool.stride) + padding_text(pool.padding) +
           (pool.rounding == Pool::Rounding::kCeil ? ", up" : "") +
           (pool.counts_padding ? ", counts padding" : "");
  }
  std::string operator()(const Dropout& dropout) const { return fmt::format("rate {}", dropout.rate); }
  template <class Other>
  std::string operator()(const Other&) const {
    return {};
  }
};

}  // namespace

Summary summarize(const NetworkSpec& spec) {
  const std::vector<Extent> shapes = output_shapes(spec);
  Summary summary;
  summary.name = spec.name;
  summary.input = spec.input;
  for (std::size_t i = 0; i < spec.layers.size(); ++i) {
    const Layer& layer = spec.layers[i];
    LayerSummary line;
    line.name = layer.name;
    line.kind = std::visit(KindOf{}, layer.kind);
    line.setting = std::visit(SettingOf{}, layer.kind);
    line.output = shapes[i];
    line.activation_bytes = shapes[i].size() * static_cast<std::int64_t>(sizeof(float));
    summary.activation_bytes += line.activation_bytes;
    summary.layers.push_back(std::move(line));
  }
  for (const ParameterInfo& info : parameters(spec)) {
    LayerSummary& line = summary.layers[info.layer];
    const std::int64_t count = element_count(info.shape);
    const bool weight = info.role == Role::kKernel || info.role == Role::kBias;
    (weight ? line.weights : line.normalisation) += count;
    (weight ? summary.weights : summary.normalisation) += count;
    if (info.role != Role::kKernel) continue;
    // Every weight is multiplied and added once for each pixel of the output.
    const double positions = static_cast<double>(line.output.height) * line.output.width;
    line.forward_flops = 2.0 * positions * static_cast<double>(count);
    // Nobody asks for the gradient with respect to the image.
    summary.training_flops += (summary.forward_flops == 0 ? 2 : 3) * line.forward_flops;
    summary.forward_flops += line.forward_flops;
  }
  return summary;
}

}  // namespace alexnet
