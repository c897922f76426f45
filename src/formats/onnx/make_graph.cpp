#include <fmt/format.h>

#include <algorithm>
#include <protozero/pbf_builder.hpp>
#include <set>
#include <string_view>
#include <utility>

#include "alexnet/error.h"
#include "formats/check_model.h"
#include "formats/onnx/graph.h"
#include "formats/onnx/messages.h"
#include "formats/onnx/utf8.h"
#include "model/geometry.h"

namespace alexnet::onnx {
namespace {

template <class Message>
using Builder = protozero::pbf_builder<Message>;
using Integers = std::vector<std::int64_t>;

/// One node: operator, inputs and output first, then attributes.
class NodeWriter {
 public:
  NodeWriter(std::string& nodes, std::string_view op, const std::string& name,
             const std::vector<std::string>& inputs, const std::string& output)
      : graph_(nodes), node_(graph_, GraphProto::node) {
    for (const std::string& input : inputs) node_.add_string(NodeProto::input, input);
    node_.add_string(NodeProto::output, output);
    node_.add_string(NodeProto::name, name);
    node_.add_string(NodeProto::op_type, op.data(), op.size());
  }
  NodeWriter& with(const char* name, std::int64_t value) {
    return attribute(name, kAttributeInt, [&](auto& to) { to.add_int64(AttributeProto::i, value); });
  }
  NodeWriter& with(const char* name, float value) {
    return attribute(name, kAttributeFloat, [&](auto& to) { to.add_float(AttributeProto::f, value); });
  }
  NodeWriter& with(const char* name, const Integers& values) {
    return attribute(name, kAttributeInts, [&](auto& to) {
      for (const std::int64_t value : values) to.add_int64(AttributeProto::ints, value);
    });
  }

 private:
  template <class Fill>
  NodeWriter& attribute(const char* name, AttributeType type, Fill&& fill) {
    Builder<AttributeProto> attribute(node_, NodeProto::attribute);
    attribute.add_string(AttributeProto::name, name);
    fill(attribute);
    attribute.add_enum(AttributeProto::type, type);
    return *this;
  }

  Builder<GraphProto> graph_;
  Builder<NodeProto> node_;
};

class GraphMaker {
 public:
  GraphMaker(const NetworkSpec& spec, const std::string& where) : where_(where) {
    graph_.input_extent = shape_ = spec.input;
    unused(kMeanImage);  // which the caller may add
    graph_.input = current_ = unused("input");
  }

  /// RGB from 0 to 1 -> the channels of the network, normalised.
  void add(const Preprocessing& steps) {
    if (!steps.mean_image.values.empty())
      throw DataError(where_, "cannot be written as ONNX with its preprocessing: its mean is an image",
                      "write it without preprocessing");
    const Shape per_channel = {shape_.channels, 1, 1};
    if (steps.bgr) {
      Integers order;
      for (int c = shape_.channels; c-- > 0;) order.push_back(c);
      const std::string indices = constant("preprocessing.order", {shape_.channels}, {}, std::move(order));
      node("Gather", "preprocessing.bgr", {indices}).with("axis", std::int64_t{1});
    }
    node("Sub", "preprocessing.centre", {constant("preprocessing.mean", per_channel, steps.mean)});
    node("Div", "preprocessing.scale", {constant("preprocessing.stddev", per_channel, steps.stddev)});
  }

  void add(const Layer& layer) {
    layer_ = layer.name;
    name_ = valid_utf8(layer.name);
    std::visit([this](const auto& kind) { write(kind); }, layer.kind);
    shape_ = layer_output(layer, shape_);
  }

  WrittenGraph finish() {
    if (!flat_) flatten("output.flatten");
    graph_.output = current_;
    graph_.outputs = shape_.size();
    return std::move(graph_);
  }

 private:
  void write(const Conv& conv) {
    needs_image();
    const Integers kernel = sides(conv.kernel);
    node("Conv", name_,
         {parameter(".weight", {conv.filters, shape_.channels / conv.groups, kernel[0], kernel[1]}),
          parameter(".bias", {conv.filters})})
        .with("kernel_shape", kernel)
        .with("strides", sides(conv.stride))
        .with("pads", pads(windows(shape_, conv), conv.padding, Pool::Rounding::kFloor))
        .with("group", std::int64_t{conv.groups});
  }
  void write(const Activation& activation) {
    using Kind = Activation::Kind;
    const char* op = activation.kind == Kind::kRelu   ? "Relu"
                     : activation.kind == Kind::kTanh ? "Tanh"
                                                      : "Sigmoid";
    node(op, name_, {});
  }
  void write(const BatchNorm& norm) {
    const Shape channels = {shape_.channels};
    node("BatchNormalization", name_,
         {parameter(".weight", channels), parameter(".bias", channels), parameter(".running_mean", channels),
          parameter(".running_var", channels)})
        .with("epsilon", norm.epsilon)
        .with("momentum", norm.momentum);
  }
  void write(const Lrn& lrn) {
    if (lrn.region == Lrn::Region::kWithinChannel)
      throw DataError(
          where_, fmt::format("cannot be written as ONNX: layer '{}' normalises within channels, but ONNX "
                              "does so only across them",
                              name_));
    if (lrn.size % 2 == 0)
      throw DataError(
          where_, fmt::format("cannot be written as ONNX: layer '{}' normalises over {} channels, but ONNX "
                              "has only odd numbers of them",
                              name_, lrn.size));
    needs_image();
    const bool sum = lrn.convention == Lrn::Convention::kSum;
    node("LRN", name_, {})
        .with("size", std::int64_t{lrn.size})
        .with("alpha",
              sum ? lrn.alpha * static_cast<float>(lrn.size) : lrn.alpha)  // ONNX divides by the size
        .with("beta", lrn.beta)
        .with("bias", lrn.k);
  }
  void write(const Pool& pool) {
    needs_image();
    const bool max = pool.kind == Pool::Kind::kMax;
    const Windows both = windows(shape_, pool);
    Integers around = pads(both, pool.padding, pool.rounding);
    bool counts = !max && pool.counts_padding;
    if (counts && hangs_over(both)) {
      // Zeros that count and places that do not: ONNX's attribute takes all for one or the other.
      const Integers border = {both.rows.pad_before, both.columns.pad_before, both.rows.border_after,
                               both.columns.border_after};
      if (border != Integers(4)) pad(border);
      for (std::size_t side = 0; side < 4; ++side)
        around[side] = std::max<std::int64_t>(around[side] - border[side], 0);
      counts = false;
    }
    // Sizes that are rounded up are written as padding: programs differ in what they make of ceil_mode.
    // AveragePool does not count padding unless it is told to.
    NodeWriter to = node(max ? "MaxPool" : "AveragePool", name_, {});
    to.with("kernel_shape", sides(pool.kernel)).with("strides", sides(pool.stride)).with("pads", around);
    if (counts) to.with("count_include_pad", std::int64_t{1});
  }
  void write(const Dropout&) {}
  void write(const Flatten&) { flatten(name_); }
  void write(const Dense& dense) {
    if (!flat_) flatten(name_ + ".flatten");
    node("Gemm", name_,
         {parameter(".weight", {dense.units, shape_.size()}), parameter(".bias", {dense.units})})
        .with("transB", std::int64_t{1});
    flat_ = true;
  }
  void write(const Softmax& softmax) {
    if (!flat_) flatten(name_ + ".flatten");
    node(softmax.log ? "LogSoftmax" : "Softmax", name_, {}).with("axis", std::int64_t{1});
  }

  void flatten(const std::string& name) {
    node("Flatten", name, {}).with("axis", std::int64_t{1});
    flat_ = true;
  }
  /// The network as data has no ranks: what is flat is an image of one pixel, too.
  void needs_image() {
    if (!flat_) return;
    node("Reshape", name_ + ".image", {constant(name_ + ".shape", {4}, {}, {-1, shape_.channels, 1, 1})});
    flat_ = false;
  }

  /// Zeros around an image: top, left, bottom, right.
  void pad(const Integers& border) {
    node("Pad", name_ + ".pad",
         {constant(name_ + ".border", {8}, {}, {0, 0, border[0], border[1], 0, 0, border[2], border[3]})});
  }

  static Integers sides(const Size2& size) { return {size.height, size.width}; }

  static bool hangs_over(const Windows& both) {
    return both.rows.pad_after > both.rows.border_after || both.columns.pad_after > both.columns.border_after;
  }

  /// Top, left, bottom, right.
  static Integers pads(const Windows& both, const Padding& padding, Pool::Rounding rounding) {
    if (padding.mode == Padding::Mode::kExplicit && rounding == Pool::Rounding::kFloor)
      return {padding.pad.top, padding.pad.left, padding.pad.bottom, padding.pad.right};
    // Where the last window does not reach the last pixel, there is no padding behind it.
    return {both.rows.pad_before, both.columns.pad_before, std::max(both.rows.pad_after, 0),
            std::max(both.columns.pad_after, 0)};
  }

  NodeWriter node(std::string_view op, const std::string& name, std::vector<std::string> more_inputs) {
    more_inputs.insert(more_inputs.begin(), std::exchange(current_, unused(name)));
    return {graph_.nodes, op, name, more_inputs, current_};
  }
  std::string parameter(const char* suffix, Shape shape) {
    graph_.tensors.push_back(
        {.name = unused(name_ + suffix), .shape = std::move(shape), .parameter = layer_ + suffix});
    return graph_.tensors.back().name;
  }
  std::string constant(const std::string& name, Shape shape, std::vector<float> values,
                       Integers integers = {}) {
    graph_.tensors.push_back({.name = unused(name),
                              .shape = std::move(shape),
                              .values = std::move(values),
                              .integers = std::move(integers)});
    return graph_.tensors.back().name;
  }
  /// Values and tensors share one space of names, in which layers may be called anything.
  std::string unused(std::string name) {
    while (!names_.insert(name).second) name += "_";
    return name;
  }

  const std::string& where_;
  WrittenGraph graph_;
  std::set<std::string> names_;
  std::string current_;       // the last value
  std::string layer_, name_;  // the layer being written, as in the spec and as valid UTF-8
  Extent shape_;
  bool flat_ = false;  // the last value is [batch, n], not [batch, channels, height, width]
};

}  // namespace

WrittenGraph make_graph(const NetworkSpec& spec, const std::optional<Preprocessing>& preprocessing,
                        const std::string& where) {
  GraphMaker maker(spec, where);
  if (preprocessing) maker.add(*preprocessing);
  for (const Layer& layer : spec.layers) maker.add(layer);
  return maker.finish();
}

}  // namespace alexnet::onnx
