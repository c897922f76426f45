#include "formats/keras/make_config.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "alexnet/error.h"
#include "model/geometry.h"
#include "model/json_object.h"

namespace alexnet::keras {
namespace {

using nlohmann::json;

class ConfigMaker {
 public:
  ConfigMaker(const NetworkSpec& spec, const std::string& where)
      : spec_(spec), where_(where), shape_(spec.input) {
    const Extent& in = spec.input;
    batch_ = {nullptr, in.height, in.width, in.channels};
    entry("keras.layers", "InputLayer", "input", {{"batch_shape", batch_}, {"dtype", "float32"}});
    for (const Layer& layer : spec.layers) {
      layer_ = &layer;
      std::visit([this](const auto& kind) { write(kind); }, layer.kind);
      shape_ = layer_output(layer, shape_);
    }
    if (!flat_) flatten("output_flatten");
    if (hwc_)
      fail("its outputs list the channels of an image before its pixels, Keras lists them behind these");
  }

  json model() && {
    json config = {{"name", spec_.name.empty() ? "network" : spec_.name}, {"trainable", true}};
    config["layers"] = std::move(layers_);
    config["build_input_shape"] = batch_;
    json model = {{"module", "keras"}, {"class_name", "Sequential"}, {"registered_name", nullptr}};
    model["config"] = std::move(config);
    model["build_config"] = {{"input_shape", batch_}};
    // Names need not be valid UTF-8, which JSON must be.
    return json::parse(model.dump(-1, ' ', false, json::error_handler_t::replace));
  }
  std::vector<WrittenArray> arrays() && { return std::move(arrays_); }

 private:
  void write(const Conv& conv) {
    needs_image();
    const std::string padding = padding_of(conv.padding);
    add("Conv2D", {{"filters", conv.filters},
                   {"kernel_size", pair(conv.kernel)},
                   {"strides", pair(conv.stride)},
                   {"padding", padding},
                   {"groups", conv.groups},
                   {"kernel_regularizer", l2(conv.l2)}});
    const std::string group = next_group("conv2d");
    const std::int64_t in = shape_.channels / conv.groups, height = conv.kernel.height,
                       width = conv.kernel.width;
    array(group, {height, width, in, conv.filters}, ".weight", {conv.filters, in, height, width},
          {2, 3, 1, 0});
    array(group, {conv.filters}, ".bias");
  }
  void write(const Dense& dense) {
    if (!flat_) flatten(layer_->name + "_flatten");
    add("Dense", {{"units", dense.units}, {"kernel_regularizer", l2(dense.l2)}});
    const std::string group = next_group("dense");
    const Shape stored = {shape_.size(), dense.units};
    if (const auto image = std::exchange(hwc_, std::nullopt))
      array(group, stored, ".weight", {dense.units, image->channels, image->height, image->width},
            {2, 3, 1, 0});
    else
      array(group, stored, ".weight", {dense.units, shape_.size()}, {1, 0});
    array(group, {dense.units}, ".bias");
  }
  void write(const BatchNorm& norm) {
    add("BatchNormalization",
        {{"momentum", json_number(norm.momentum)}, {"epsilon", json_number(norm.epsilon)}});
    const std::string group = next_group("batch_normalization");
    for (const char* suffix : {".weight", ".bias", ".running_mean", ".running_var"})
      if (hwc_)
        array(group, {shape_.channels}, suffix, {hwc_->channels, hwc_->height, hwc_->width}, {1, 2, 0});
      else
        array(group, {shape_.channels}, suffix);
  }
  void write(const Activation& activation) {
    using Kind = Activation::Kind;
    add("Activation", {{"activation", activation.kind == Kind::kRelu   ? "relu"
                                      : activation.kind == Kind::kTanh ? "tanh"
                                                                       : "sigmoid"}});
    not_negative_ = activation.kind != Kind::kTanh;
  }
  void write(const Lrn&) {
    fail(
        "Keras has no local response normalisation: other layers cannot compute it without code of their "
        "own");
  }
  void write(const Pool& pool) {
    needs_image();
    const std::string padding = padding_of(pool);
    add(pool.kind == Pool::Kind::kMax ? "MaxPooling2D" : "AveragePooling2D",
        {{"pool_size", pair(pool.kernel)}, {"strides", pair(pool.stride)}, {"padding", padding}});
  }
  void write(const Dropout& dropout) { add("Dropout", {{"rate", json_number(dropout.rate)}}); }
  void write(const Flatten&) { flatten(layer_->name); }
  void write(const Softmax& softmax) {
    if (!flat_) flatten(layer_->name + "_flatten");
    add("Activation", {{"activation", softmax.log ? "log_softmax" : "softmax"}});
  }

  void flatten(const std::string& name) {
    entry("keras.layers", "Flatten", name, json::object());
    flat_ = true;
    if (shape_.channels > 1 && (shape_.height > 1 || shape_.width > 1)) hwc_ = shape_;
  }
  /// The network as data has no ranks: what is flat is an image of one pixel, too.
  void needs_image() {
    if (!flat_) return;
    if (hwc_) fail("reads a flattened image as one pixel, which Keras orders in another way");
    entry("keras.layers", "Reshape", layer_->name + "_image", {{"target_shape", {1, 1, shape_.channels}}});
    flat_ = false;
  }

  /// Pads where Keras's own modes do not. Returns the mode that is left.
  std::string padding_of(const Padding& padding) {
    if (padding.mode != Padding::Mode::kExplicit)
      return padding.mode == Padding::Mode::kSame ? "same" : "valid";
    const Sides& pad = padding.pad;
    zero_padding(pad.top, pad.bottom, pad.left, pad.right);
    return "valid";
  }
  std::string padding_of(const Pool& pool) {
    const Windows both = windows(shape_, pool);
    const int below = std::max(both.rows.pad_after, 0), behind = std::max(both.columns.pad_after, 0);
    const bool average = pool.kind == Pool::Kind::kAverage;
    const bool pads = both.rows.pad_before + both.columns.pad_before + below + behind > 0;
    if (!pads) return "valid";
    // Keras's averages count no padding of their own.
    if (!(average && pool.counts_padding)) {
      const Windows same = windows(
          shape_, Pool{.kernel = pool.kernel, .stride = pool.stride, .padding = {Padding::Mode::kSame, 0}});
      const auto equal = [](const Window& a, const Window& b) {
        return a.output == b.output && a.pad_before == b.pad_before;
      };
      if (equal(both.rows, same.rows) && equal(both.columns, same.columns)) return "same";
    }
    const bool hangs_over = below > both.rows.border_after || behind > both.columns.border_after;
    if (average ? !pool.counts_padding || hangs_over : !not_negative_)
      fail("pads its windows in a way that Keras's poolings do not have");
    zero_padding(both.rows.pad_before, below, both.columns.pad_before, behind);
    return "valid";
  }
  void zero_padding(int above, int below, int before, int behind) {
    if (above + below + before + behind == 0) return;
    const json sides = {{above, below}, {before, behind}};
    entry("keras.layers", "ZeroPadding2D", layer_->name + "_padding", {{"padding", sides}});
  }

  static json pair(const Size2& size) { return {size.height, size.width}; }
  static json l2(float factor) {
    if (factor == 0) return nullptr;
    return {{"module", "keras.regularizers"},
            {"class_name", "L2"},
            {"config", {{"l2", json_number(factor)}}},
            {"registered_name", nullptr}};
  }

  void add(const char* kind, json settings) {
    entry("keras.layers", kind, layer_->name, std::move(settings));
    not_negative_ = false;
  }
  void entry(const char* module, const char* kind, const std::string& name, json settings) {
    settings["name"] = unused(name);
    layers_.push_back({{"module", module},
                       {"class_name", kind},
                       {"config", std::move(settings)},
                       {"registered_name", nullptr}});
  }
  std::string next_group(const std::string& kind) {
    const int before = groups_[kind]++;
    variables_ = 0;
    return before == 0 ? kind : fmt::format("{}_{}", kind, before);
  }
  void array(const std::string& group, Shape shape, const char* suffix, Shape view = {},
             std::vector<int> permutation = {}) {
    arrays_.push_back({fmt::format("layers/{}/vars/{}", group, variables_++), std::move(shape),
                       layer_->name + suffix, std::move(view), std::move(permutation)});
  }
  std::string unused(std::string name) {
    while (!names_.insert(name).second) name += "_";
    return name;
  }
  [[noreturn]] void fail(const std::string& problem) const {
    throw DataError(where_, fmt::format("cannot be written for Keras: layer '{}': {}", layer_->name, problem),
                    "use another format, such as onnx");
  }

  const NetworkSpec& spec_;
  const std::string& where_;
  Extent shape_;
  json batch_, layers_ = json::array();
  std::vector<WrittenArray> arrays_;
  std::set<std::string> names_;
  std::map<std::string, int> groups_;
  int variables_ = 0;  // of the layer being written
  const Layer* layer_ = nullptr;
  bool flat_ = false;          // the last value is [batch, n]
  bool not_negative_ = false;  // and 0 or more
  std::optional<Extent> hwc_;  // it is a list in the order height, width, channel, of this image
};

}  // namespace

json make_config(const NetworkSpec& spec, const std::string& where) {
  return ConfigMaker(spec, where).model();
}

std::vector<WrittenArray> make_arrays(const NetworkSpec& spec, const std::string& where) {
  return ConfigMaker(spec, where).arrays();
}

}  // namespace alexnet::keras
