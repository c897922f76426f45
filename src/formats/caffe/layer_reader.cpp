#include "formats/caffe/layer_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "alexnet/error.h"
#include "model/geometry.h"

namespace alexnet::caffe {
namespace {

constexpr int kMaxLayers = 10'000;  // as of a model file

/// Files are named after layers, and terminals show names.
std::string plain(std::string name) {
  for (char& c : name)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F || c == '/') c = '_';
  return name;
}

Padding symmetric(const Size2& pad) {
  if (pad == Size2(0, 0)) return {};
  return {Padding::Mode::kExplicit, {pad.height, pad.width, pad.height, pad.width}};
}

}  // namespace

LayerReader::LayerReader(const std::string& where, ReadNetwork& result)
    : where_(where), result_(result), shape_(result.spec.input) {}

void LayerReader::read(const Definition& layer) {
  using Read = void (LayerReader::*)(const Definition&);
  static const std::map<std::string_view, Read> kReaders = {{"Convolution", &LayerReader::convolution},
                                                            {"InnerProduct", &LayerReader::inner_product},
                                                            {"Pooling", &LayerReader::pooling},
                                                            {"LRN", &LayerReader::lrn},
                                                            {"BatchNorm", &LayerReader::batch_norm},
                                                            {"Scale", &LayerReader::scale},
                                                            {"ReLU", &LayerReader::relu},
                                                            {"Dropout", &LayerReader::dropout},
                                                            {"Softmax", &LayerReader::softmax},
                                                            {"SoftmaxWithLoss", &LayerReader::softmax},
                                                            {"Flatten", &LayerReader::flatten}};
  if (layer.kind == "Split") return;  // the same value under several names
  if (layer.kind == "TanH" || layer.kind == "Sigmoid") {
    add(layer, Activation{layer.kind == "TanH" ? Activation::Kind::kTanh : Activation::Kind::kSigmoid});
    return;
  }
  const auto reader = kReaders.find(layer.kind);
  if (reader == kReaders.end()) layer.refuse(where_, "this kind of layer is not supported");
  if (layer.kind != "Scale") open_norm_.reset();
  (this->*reader->second)(layer);
}

void LayerReader::convolution(const Definition& layer) {
  Parameters parameters(layer, "convolution_param", where_);
  const Conv conv{.filters = parameters.size("num_output", 0),
                  .kernel = parameters.pair("kernel_size", "kernel_h", "kernel_w", 0, 1),
                  .stride = parameters.pair("stride", "stride_h", "stride_w", 1, 1),
                  .padding = symmetric(parameters.pair("pad", "pad_h", "pad_w", 0, 0)),
                  .groups = parameters.size("group", 1)};
  if (parameters.pair("dilation", "dilation", "dilation", 1, 1) != Size2(1))
    parameters.fail("dilation", "is more than 1, which is not supported");
  parameters.integer("axis", 1, 1, 1);
  const bool has_bias = parameters.flag("bias_term", true);
  for (const char* name : {"weight_filler", "bias_filler", "engine", "force_nd_im2col"})
    parameters.ignore(name);
  parameters.finish();
  const std::int64_t channels = shape_.channels / conv.groups;
  const std::string name = add(layer, conv);
  add_weights(name, layer, {conv.filters, channels, conv.kernel.height, conv.kernel.width}, has_bias, false);
}

void LayerReader::inner_product(const Definition& layer) {
  Parameters parameters(layer, "inner_product_param", where_);
  const int units = parameters.size("num_output", 0);
  const bool has_bias = parameters.flag("bias_term", true), transposed = parameters.flag("transpose", false);
  parameters.integer("axis", 1, 1, 1);
  for (const char* name : {"weight_filler", "bias_filler"}) parameters.ignore(name);
  parameters.finish();
  make_flat(layer);
  const std::int64_t inputs = shape_.size();
  const std::string name = add(layer, Dense{.units = units});
  add_weights(name, layer, {units, inputs}, has_bias, transposed);
}

void LayerReader::add_weights(const std::string& name, const Definition& layer, Shape kernel, bool has_bias,
                              bool transposed) {
  const Shape bias = {kernel[0]};
  result_.weights.push_back({.parameter = name + ".weight",
                             .shape = std::move(kernel),
                             .layer = layer.name,
                             .blob = 0,
                             .transposed = transposed});
  result_.weights.push_back(
      {.parameter = name + ".bias", .shape = bias, .layer = has_bias ? layer.name : "", .blob = 1});
}

void LayerReader::pooling(const Definition& layer) {
  Parameters parameters(layer, "pooling_param", where_);
  const std::string function = parameters.text("pool", "MAX");
  if (function != "MAX" && function != "AVE")
    parameters.fail("pool", fmt::format("is '{}', which is not supported", shown(function)));
  Pool pool;
  pool.kind = function == "MAX" ? Pool::Kind::kMax : Pool::Kind::kAverage;
  if (parameters.flag("global_pooling", false)) {
    pool.kernel = {shape_.height, shape_.width};
    pool.stride = 1;
    // Caffe takes neither another kernel nor padding here.
    for (const char* name : {"stride", "stride_h", "stride_w", "pad", "pad_h", "pad_w"})
      parameters.ignore(name);
  } else {
    pool.kernel = parameters.pair("kernel_size", "kernel_h", "kernel_w", 0, 1);
    pool.stride = parameters.pair("stride", "stride_h", "stride_w", 1, 1);
    pool.padding = symmetric(parameters.pair("pad", "pad_h", "pad_w", 0, 0));
    const std::string rounding = parameters.text("round_mode", "CEIL");
    if (rounding != "CEIL" && rounding != "FLOOR")
      parameters.fail("round_mode", fmt::format("is '{}', which is not supported", shown(rounding)));
    pool.rounding = rounding == "CEIL" ? Pool::Rounding::kCeil : Pool::Rounding::kFloor;
    pool.counts_padding = pool.kind == Pool::Kind::kAverage && pool.padding != Padding{};
  }
  parameters.ignore("engine");
  parameters.finish();
  add(layer, pool);
}

void LayerReader::lrn(const Definition& layer) {
  Parameters parameters(layer, "lrn_param", where_);
  Lrn lrn{.size = parameters.size("local_size", 5),
          .k = parameters.real("k", 1),
          .alpha = parameters.real("alpha", 1),
          .beta = parameters.real("beta", 0.75F),
          .convention = Lrn::Convention::kMean};
  const std::string region = parameters.text("norm_region", "ACROSS_CHANNELS");
  if (region == "WITHIN_CHANNEL") {
    lrn.region = Lrn::Region::kWithinChannel;
    lrn.k = 1;  // Caffe's formula has no other
  } else if (region != "ACROSS_CHANNELS") {
    parameters.fail("norm_region", fmt::format("is '{}', which is not supported", shown(region)));
  }
  if (lrn.size % 2 == 0)
    parameters.fail("local_size", fmt::format("is {}, but Caffe has only odd ones", lrn.size));
  parameters.ignore("engine");
  parameters.finish();
  add(layer, lrn);
}

void LayerReader::batch_norm(const Definition& layer) {
  Parameters parameters(layer, "batch_norm_param", where_);
  const BatchNorm norm{.epsilon = parameters.real("eps", 1e-5F),
                       .momentum = parameters.real("moving_average_fraction", 0.999F)};
  parameters.ignore("use_global_stats");
  parameters.finish();
  const Shape channels = {shape_.channels};
  const std::string name = add(layer, norm);
  result_.weights.push_back({.parameter = name + ".weight", .shape = channels, .layer = {}, .otherwise = 1});
  result_.weights.push_back({.parameter = name + ".bias", .shape = channels, .layer = {}});
  result_.weights.push_back(
      {.parameter = name + ".running_mean", .shape = channels, .layer = layer.name, .blob = 0, .divisor = 2});
  result_.weights.push_back(
      {.parameter = name + ".running_var", .shape = channels, .layer = layer.name, .blob = 1, .divisor = 2});
  open_norm_ = name;
}

/// The second half of a batch normalisation.
void LayerReader::scale(const Definition& layer) {
  Parameters parameters(layer, "scale_param", where_);
  parameters.integer("axis", 1, 1, 1);
  parameters.integer("num_axes", 1, 1, 1);
  const bool has_bias = parameters.flag("bias_term", false);
  for (const char* name : {"filler", "bias_filler"}) parameters.ignore(name);
  parameters.finish();
  if (!std::exchange(open_norm_, std::nullopt)) layer.refuse(where_, "is supported only behind a BatchNorm");
  WeightSource* const norm = &result_.weights[result_.weights.size() - 4];
  norm[0].layer = layer.name;
  if (!has_bias) return;
  norm[1].layer = layer.name;
  norm[1].blob = 1;
}

void LayerReader::relu(const Definition& layer) {
  Parameters parameters(layer, "relu_param", where_);
  if (parameters.real("negative_slope", 0) != 0)
    parameters.fail("negative_slope", "is not 0, which is not supported");
  parameters.ignore("engine");
  parameters.finish();
  add(layer, Activation{Activation::Kind::kRelu});
}

void LayerReader::dropout(const Definition& layer) {
  Parameters parameters(layer, "dropout_param", where_);
  const float rate = parameters.real("dropout_ratio", 0.5F);
  parameters.finish();
  add(layer, Dropout{rate});
}

void LayerReader::softmax(const Definition& layer) {
  Parameters parameters(layer, "softmax_param", where_);
  parameters.integer("axis", 1, 1, 1);
  parameters.ignore("engine");
  parameters.finish();
  const std::string name = add(layer, Softmax{});
  if (layer.kind == "SoftmaxWithLoss")
    result_.assumptions.push_back({"outputs",
                                   fmt::format("softmax, of which layer '{}' computes the loss", name),
                                   Assumption::From::kFile});
}

void LayerReader::flatten(const Definition& layer) {
  Parameters parameters(layer, "flatten_param", where_);
  parameters.integer("axis", 1, 1, 1);
  const int end = parameters.integer("end_axis", -1, -1, 3);
  if (end != -1 && end != 3) parameters.fail("end_axis", fmt::format("is {}, which is not supported", end));
  parameters.finish();
  add(layer, Flatten{});
}

void LayerReader::make_flat(const Definition& layer) {
  if (shape_.height == 1 && shape_.width == 1) return;
  Definition before = layer;
  before.name = "flatten";
  add(before, Flatten{});
}

std::string LayerReader::unused_name(const std::string& wanted) {
  const std::string first = plain(wanted.empty() ? "layer" : wanted);
  std::string name = first;
  for (int& number = names_[first]; number > 0 && names_.contains(name);)
    name = fmt::format("{}_{}", first, ++number);
  ++names_[name];
  return name;
}

std::string LayerReader::add(const Definition& layer, const LayerKind& kind) {
  if (result_.spec.layers.size() == kMaxLayers)
    throw DataError(where_, fmt::format("has more than {} layers", kMaxLayers));
  Layer added{unused_name(layer.name), kind};
  try {
    shape_ = layer_output(added, shape_);
  } catch (const UsageError& error) {
    layer.refuse(where_, error.problem());
  }
  result_.spec.layers.push_back(std::move(added));
  return result_.spec.layers.back().name;
}

}  // namespace alexnet::caffe
