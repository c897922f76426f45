#include "formats/caffe/make_network.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>
#include <variant>

#include "alexnet/error.h"
#include "model/geometry.h"

namespace alexnet::caffe {
namespace {

constexpr float kLevels = 255;

/// Adds height and width, once where they are equal.
void add_sides(Message& parameters, const std::string& square, const std::string& each, const Size2& sides) {
  if (sides.is_square())
    parameters.add(square, sides.height);
  else
    parameters.add(each + "_h", sides.height).add(each + "_w", sides.width);
}

/// One axis of a window in Caffe, which pads both sides alike.
int output_of(int input, int kernel, int stride, int pad, bool up) {
  const int room = input + 2 * pad - kernel;
  if (room < 0) return up ? 1 : 0;
  int output = (room + (up ? stride - 1 : 0)) / stride + 1;
  if (up && pad > 0 && (output - 1) * stride >= input + pad) --output;
  return output;
}

class NetworkMaker {
 public:
  NetworkMaker(const Model& model, const std::string& mean_file, const std::string& where)
      : model_(model), where_(where), shape_(model.spec.input) {
    made_.name = model.spec.name.empty() ? "network" : model.spec.name;
    Message shape;
    shape.add("dim", 1);
    for (const int extent : {shape_.channels, shape_.height, shape_.width}) shape.add("dim", extent);
    current_ = unused("data");
    Message input;
    input.add("name", current_).add("type", "Input").add("top", current_);
    input.add("transform_param", transform(mean_file));
    input.add("input_param", Message().add("shape", std::move(shape)));
    made_.layers.push_back({std::move(input)});
  }

  void add(const Layer& layer) {
    name_ = layer.name;
    std::visit([this](const auto& kind) { write(kind); }, layer.kind);
    shape_ = layer_output(layer, shape_);
  }

  MadeNetwork finish() { return std::move(made_); }

 private:
  /// Caffe has one factor for all channels; a model with several says the others elsewhere.
  Message transform(const std::string& mean_file) const {
    const Preprocessing& steps = model_.preprocessing;
    Message transform;
    if (!steps.stddev.empty()) transform.add("scale", 1 / (kLevels * steps.stddev[0]));
    transform.add("crop_size", steps.crop_width);
    if (!steps.mean_image.values.empty() || !mean_file.empty()) {
      transform.add("mean_file", mean_file);
    } else {
      for (const float mean : steps.mean) transform.add("mean_value", kLevels * mean);
    }
    return transform;
  }

  void write(const Conv& conv) {
    const Windows both = windows(shape_, conv);
    Message parameters;
    parameters.add("num_output", conv.filters);
    add_window(parameters, conv, Size2(both.rows.pad_before, both.columns.pad_before));
    if (conv.groups > 1) parameters.add("group", conv.groups);
    const Size2 output(both.rows.output, both.columns.output);
    if (output_size(conv, both, false) != output) refuse_padding();
    const Shape kernel = {conv.filters, shape_.channels / conv.groups, conv.kernel.height, conv.kernel.width};
    layer("Convolution", name_, "convolution_param", std::move(parameters),
          {{kernel, name_ + ".weight"}, {{conv.filters}, name_ + ".bias"}});
  }
  void write(const Pool& pool) {
    const Windows both = windows(shape_, pool);
    const bool max = pool.kind == Pool::Kind::kMax;
    const Size2 pad(both.rows.pad_before, both.columns.pad_before),
        output(both.rows.output, both.columns.output);
    Message parameters;
    parameters.add("pool", max ? "MAX" : "AVE");
    add_window(parameters, pool, pad);
    // Older programs do not know that sizes may be rounded down: said only where it makes a difference.
    const bool up = output_size(pool, both, true) == output;
    if (!up && output_size(pool, both, false) != output) refuse_padding();
    if (!up) parameters.add("round_mode", "FLOOR");
    if (!max) require_average(pool, both, pad);
    layer("Pooling", name_, "pooling_param", std::move(parameters));
  }
  void write(const Activation& activation) {
    using Kind = Activation::Kind;
    layer(activation.kind == Kind::kRelu   ? "ReLU"
          : activation.kind == Kind::kTanh ? "TanH"
                                           : "Sigmoid",
          name_);
  }
  void write(const BatchNorm& norm) {
    const Shape channels = {shape_.channels};
    layer("BatchNorm", name_, "batch_norm_param",
          Message().add("moving_average_fraction", norm.momentum).add("eps", norm.epsilon),
          {{channels, name_ + ".running_mean"}, {channels, name_ + ".running_var"}, {{1}, {}, {1}}});
    layer("Scale", name_ + "_scale", "scale_param", Message().add("bias_term", true),
          {{channels, name_ + ".weight"}, {channels, name_ + ".bias"}});
  }
  void write(const Lrn& lrn) {
    if (lrn.size % 2 == 0)
      refuse(fmt::format("normalises over {} channels or pixels, but Caffe has only odd numbers of them",
                         lrn.size));
    const bool within = lrn.region == Lrn::Region::kWithinChannel;
    if (within && lrn.k != 1)
      refuse("normalises within channels with another k than 1, which Caffe does not have");
    const int count = within ? lrn.size * lrn.size : lrn.size;
    Message parameters;
    parameters.add("local_size", lrn.size);
    parameters.add(
        "alpha", lrn.convention == Lrn::Convention::kSum ? lrn.alpha * static_cast<float>(count) : lrn.alpha);
    parameters.add("beta", lrn.beta);
    if (within)
      parameters.add("norm_region", "WITHIN_CHANNEL");
    else if (lrn.k != 1)
      parameters.add("k", lrn.k);
    layer("LRN", name_, "lrn_param", std::move(parameters));
  }
  void write(const Dropout& dropout) {
    layer("Dropout", name_, "dropout_param", Message().add("dropout_ratio", dropout.rate));
  }
  void write(const Flatten&) { layer("Flatten", name_); }
  void write(const Dense& dense) {
    layer("InnerProduct", name_, "inner_product_param", Message().add("num_output", dense.units),
          {{{dense.units, shape_.size()}, name_ + ".weight"}, {{dense.units}, name_ + ".bias"}});
  }
  void write(const Softmax& softmax) {
    if (softmax.log) refuse("computes logarithms of probabilities, which Caffe does not have");
    layer("Softmax", name_);
  }

  template <class Windowed>
  static void add_window(Message& parameters, const Windowed& layer, const Size2& pad) {
    add_sides(parameters, "kernel_size", "kernel", layer.kernel);
    if (layer.stride != Size2(1)) add_sides(parameters, "stride", "stride", layer.stride);
    if (pad != Size2(0, 0)) add_sides(parameters, "pad", "pad", pad);
  }

  /// What lies behind the last window makes no difference.
  template <class Windowed>
  Size2 output_size(const Windowed& layer, const Windows& both, bool up) const {
    return {output_of(shape_.height, layer.kernel.height, layer.stride.height, both.rows.pad_before, up),
            output_of(shape_.width, layer.kernel.width, layer.stride.width, both.columns.pad_before, up)};
  }

  /// Caffe's averages count the padding, the same on both sides, and nothing beyond it.
  void require_average(const Pool& pool, const Windows& both, const Size2& pad) const {
    const auto counted = [&](const Window& window, int before) {
      const int reached = std::max(window.pad_after, 0);
      return std::min(pool.counts_padding ? window.border_after : 0, reached) == std::min(before, reached);
    };
    if ((pad != Size2(0, 0) && !pool.counts_padding) || !counted(both.rows, pad.height) ||
        !counted(both.columns, pad.width))
      refuse("computes averages over other padding than Caffe");
  }

  void layer(const char* kind, const std::string& name, const char* group = nullptr, Message parameters = {},
             std::vector<WrittenBlob> blobs = {}) {
    const std::string top = unused(name);
    Message message;
    message.add("name", top).add("type", kind).add("bottom", std::exchange(current_, top)).add("top", top);
    if (group != nullptr) message.add(group, std::move(parameters));
    made_.layers.push_back({std::move(message), std::move(blobs)});
  }

  std::string unused(std::string name) {
    while (!names_.insert(name).second) name += '_';
    return name;
  }

  [[noreturn]] void refuse(const std::string& problem) const {
    throw DataError(where_, fmt::format("cannot be written for Caffe: layer '{}' {}", name_, problem));
  }
  [[noreturn]] void refuse_padding() const {
    refuse("pads one side more than the other, which Caffe does not do");
  }

  const Model& model_;
  const std::string& where_;
  MadeNetwork made_;
  std::set<std::string> names_;
  std::string current_, name_;
  Extent shape_;
};

}  // namespace

Message MadeNetwork::definition() const {
  Message network;
  network.add("name", name);
  for (const WrittenLayer& layer : layers) network.add("layer", layer.message);
  return network;
}

MadeNetwork make_network(const Model& model, const std::string& mean_file, const std::string& where) {
  NetworkMaker maker(model, mean_file, where);
  for (const Layer& layer : model.spec.layers) maker.add(layer);
  return maker.finish();
}

}  // namespace alexnet::caffe
