#include "model/geometry.h"

#include <algorithm>

#include "alexnet/error.h"

namespace alexnet {
namespace {

/// Visitor: output extent of each kind of layer.
struct OutputOf {
  const std::string& name;
  const Extent& in;

  Extent operator()(const Conv& conv) const {
    if (conv.filters < 1 || conv.kernel < 1 || conv.stride < 1 || conv.groups < 1)
      throw UsageError(name, "filters, kernel, stride and groups must be at least 1");
    if (in.channels % conv.groups != 0 || conv.filters % conv.groups != 0)
      throw UsageError(name, "channels (" + std::to_string(in.channels) + " in, " +
                                 std::to_string(conv.filters) + " out) do not divide into " +
                                 std::to_string(conv.groups) + " groups");
    return slide(conv.filters, conv.kernel, conv.stride, conv.padding, Pool::Rounding::kFloor);
  }
  Extent operator()(const Pool& pool) const {
    if (pool.kernel < 1 || pool.stride < 1) throw UsageError(name, "kernel and stride must be at least 1");
    return slide(in.channels, pool.kernel, pool.stride, pool.padding, pool.rounding);
  }
  Extent operator()(const Flatten&) const { return {static_cast<int>(in.size()), 1, 1}; }
  Extent operator()(const Dense& dense) const {
    if (dense.units < 1) throw UsageError(name, "units must be at least 1");
    if (in.height != 1 || in.width != 1)
      throw UsageError(name, "needs a flat input", "put a flatten layer before it");
    return {dense.units, 1, 1};
  }
  Extent operator()(const Softmax&) const {
    if (in.height != 1 || in.width != 1)
      throw UsageError(name, "needs a flat input", "put a flatten layer before it");
    return in;
  }
  Extent operator()(const Dropout& dropout) const {
    if (!(dropout.rate >= 0.0F && dropout.rate < 1.0F))
      throw UsageError(name, "rate must be from 0 up to, not including, 1");
    return in;
  }
  Extent operator()(const Lrn& lrn) const {
    if (lrn.size < 1) throw UsageError(name, "size must be at least 1");
    return in;
  }
  Extent operator()(const Activation&) const { return in; }
  Extent operator()(const BatchNorm&) const { return in; }

  Extent slide(int channels, int kernel, int stride, const Padding& padding, Pool::Rounding rounding) const {
    const Extent out{channels, window(in.height, kernel, stride, padding, rounding).output,
                     window(in.width, kernel, stride, padding, rounding).output};
    if (out.height < 1 || out.width < 1)
      throw UsageError(name, "runs out of pixels: its input is " + to_string(in) + ", its window " +
                                 std::to_string(kernel) + "x" + std::to_string(kernel));
    return out;
  }
};

bool fits(NetworkSpec spec, int height, int width) {
  spec.input.height = height;
  spec.input.width = width;
  try {
    Extent shape = spec.input;
    for (const Layer& layer : spec.layers) shape = layer_output(layer, shape);
    return true;
  } catch (const UsageError&) {
    return false;
  }
}

/// "the least size is WxH": each side as given when it is large enough, else the least that works.
std::string least_size(const NetworkSpec& spec) {
  constexpr int kLargest = 4096;
  const auto least = [&](int given, auto&& works) {
    if (works(given)) return given;
    for (int side = 1; side <= kLargest; ++side)
      if (works(side)) return side;
    return 0;
  };
  const int width = least(spec.input.width, [&](int side) { return fits(spec, kLargest, side); });
  const int height = least(spec.input.height, [&](int side) { return fits(spec, side, kLargest); });
  if (width == 0 || height == 0) return {};
  return "the least size that works is " + std::to_string(width) + "x" + std::to_string(height) +
         " (width x height)";
}

}  // namespace

Window window(int input, int kernel, int stride, const Padding& padding, Pool::Rounding rounding) {
  if (padding.mode == Padding::Mode::kSame) {
    const int output = (input + stride - 1) / stride;
    const int total = std::max((output - 1) * stride + kernel - input, 0);
    return {output, total / 2, total - total / 2};
  }
  const int pad = padding.mode == Padding::Mode::kExplicit ? padding.pad : 0;
  const int room = input + 2 * pad - kernel;
  if (room < 0 && rounding == Pool::Rounding::kFloor) return {0, pad, pad};
  int output = room < 0 ? 1 : room / stride + 1;
  // Caffe: one more window when pixels are left, unless it would start in the padding behind the image.
  if (room > 0 && rounding == Pool::Rounding::kCeil && room % stride != 0) ++output;
  if (rounding == Pool::Rounding::kCeil && (output - 1) * stride >= input + pad) --output;
  return {output, pad, (output - 1) * stride + kernel - input - pad};
}

Extent layer_output(const Layer& layer, const Extent& input) {
  return std::visit(OutputOf{layer.name, input}, layer.kind);
}

std::vector<Extent> output_shapes(const NetworkSpec& spec) {
  std::vector<Extent> shapes;
  shapes.reserve(spec.layers.size());
  Extent shape = spec.input;
  for (std::size_t i = 0; i < spec.layers.size(); ++i) {
    const Layer& layer = spec.layers[i];
    if (std::holds_alternative<Softmax>(layer.kind) && i + 1 != spec.layers.size())
      throw UsageError(layer.name, "softmax can only be the last layer");
    try {
      shape = layer_output(layer, shape);
    } catch (const UsageError& error) {
      if (error.problem().find("runs out of pixels") == std::string::npos) throw;
      throw UsageError(error.where(),
                       "an image of " + std::to_string(spec.input.width) + "x" +
                           std::to_string(spec.input.height) + " " + "is too small: this layer " +
                           error.problem(),
                       least_size(spec));
    }
    shapes.push_back(shape);
  }
  return shapes;
}

std::string to_string(const Extent& extent) {
  if (extent.height == 1 && extent.width == 1) return std::to_string(extent.channels);
  return std::to_string(extent.height) + "x" + std::to_string(extent.width) + "x" +
         std::to_string(extent.channels);
}

}  // namespace alexnet
