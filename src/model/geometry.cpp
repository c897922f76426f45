#include "model/geometry.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>
#include <tuple>
#include <utility>

#include "alexnet/error.h"

namespace alexnet {
namespace {

// Bounds far beyond use: within them no size of a network overflows, and what a damaged file asks for is
// refused before memory is.
constexpr int kLargestSide = 65'536;      // pixels, kernels, strides, padding
constexpr int kMaxChannels = 16'777'216;  // channels, units
constexpr double kMaxWeights = 0x1p36;    // of one layer
constexpr double kMaxSpanned = 0x1p24;    // values under a convolution's kernel, or in a square of its stride
constexpr int kLargestField = 32'767;     // pixels seen or stepped over; times a side, still an int
constexpr std::int64_t kMaxValues = std::numeric_limits<int>::max();  // of one activation

void require_range(const std::string& name, const char* what, int value, int min, int max) {
  if (value < min || value > max)
    throw UsageError(name, std::string(what) + " must be from " + std::to_string(min) + " to " +
                               std::to_string(max) + ", not " + std::to_string(value));
}

void require(const std::string& name, bool good, const char* rule) {
  if (!good) throw UsageError(name, rule);
}

/// Files are named after layers, and terminals show names.
bool is_plain(const std::string& name) {
  return std::ranges::none_of(name, [](unsigned char c) { return c < 0x20 || c == 0x7F || c == '/'; });
}

void require_weights(const std::string& name, double out, double in, double area) {
  require(name, out * in * area <= kMaxWeights, "has too many weights");
}

/// A window is larger than what it slides over.
class OutOfPixels : public UsageError {
 public:
  using UsageError::UsageError;
};

/// Visitor: output extent of each kind of layer.
struct OutputOf {
  const std::string& name;
  const Extent& in;

  Extent operator()(const Conv& conv) const {
    require_range(name, "filters", conv.filters, 1, kMaxChannels);
    require_range(name, "groups", conv.groups, 1, kMaxChannels);
    check_window(conv.kernel, conv.stride, conv.padding);
    const double height = std::max(conv.kernel.height, conv.stride.height),
                 width = std::max(conv.kernel.width, conv.stride.width);
    require(name, in.channels * height * width <= kMaxSpanned,
            "its kernel or stride spans more values than that of any network");
    check_weights(conv.l2, conv.initial);
    if (in.channels % conv.groups != 0 || conv.filters % conv.groups != 0)
      throw UsageError(name, "channels (" + std::to_string(in.channels) + " in, " +
                                 std::to_string(conv.filters) + " out) do not divide into " +
                                 std::to_string(conv.groups) + " groups");
    const int in_group = in.channels / conv.groups;
    require_weights(name, conv.filters, in_group, static_cast<double>(conv.kernel.area()));
    return slide(conv.filters, conv.kernel, windows(in, conv));
  }
  Extent operator()(const Pool& pool) const {
    check_window(pool.kernel, pool.stride, pool.padding);
    require(name, !pool.counts_padding || pool.kind == Pool::Kind::kAverage,
            "is a maximum, which cannot count padding: only an average can");
    return slide(in.channels, pool.kernel, windows(in, pool));
  }
  Extent operator()(const Flatten&) const { return {static_cast<int>(in.size()), 1, 1}; }
  Extent operator()(const Dense& dense) const {
    require_range(name, "units", dense.units, 1, kMaxChannels);
    check_weights(dense.l2, dense.initial);
    check_flat();
    require_weights(name, dense.units, in.channels, 1);
    return {dense.units, 1, 1};
  }
  Extent operator()(const Softmax&) const {
    check_flat();
    return in;
  }
  Extent operator()(const Dropout& dropout) const {
    require(name, dropout.rate >= 0.0F && dropout.rate < 1.0F, "rate must be from 0 up to, not including, 1");
    return in;
  }
  Extent operator()(const Lrn& lrn) const {
    require_range(name, "size", lrn.size, 1, kMaxChannels);
    require(name,
            lrn.k >= 0.0F && lrn.alpha >= 0.0F && lrn.k + lrn.alpha > 0.0F && std::isfinite(lrn.k) &&
                std::isfinite(lrn.alpha) && std::isfinite(lrn.beta),
            "k and alpha must be 0 or more and not both 0, beta a number");
    return in;
  }
  Extent operator()(const Activation&) const { return in; }
  Extent operator()(const BatchNorm& norm) const {
    require(name, norm.epsilon > 0.0F && std::isfinite(norm.epsilon), "epsilon must be more than 0");
    require(name, norm.momentum >= 0.0F && norm.momentum <= 1.0F, "momentum must be from 0 to 1");
    return in;
  }

  void check_window(const Size2& kernel, const Size2& stride, const Padding& padding) const {
    for (const auto& [what, size] : {std::pair("kernel", kernel), std::pair("stride", stride)}) {
      require_range(name, what, size.height, 1, kLargestSide);
      require_range(name, what, size.width, 1, kLargestSide);
    }
    if (padding.mode != Padding::Mode::kExplicit) return;
    // A window that lies in the padding alone would see nothing.
    for (const int rows : {padding.pad.top, padding.pad.bottom})
      require_range(name, "padding", rows, 0, kernel.height - 1);
    for (const int columns : {padding.pad.left, padding.pad.right})
      require_range(name, "padding", columns, 0, kernel.width - 1);
  }
  void check_weights(float l2, const Initial& initial) const {
    require(name, l2 >= 0.0F && std::isfinite(l2), "l2 must be 0 or more");
    require(name, initial.stddev >= 0.0F && std::isfinite(initial.stddev) && std::isfinite(initial.bias),
            "the standard deviation of initial weights must be 0 or more, their bias a number");
  }
  void check_flat() const {
    if (in.height != 1 || in.width != 1)
      throw UsageError(name, "needs a flat input", "put a flatten layer before it");
  }

  Extent slide(int channels, const Size2& kernel, const Windows& windows) const {
    const Extent out{channels, windows.rows.output, windows.columns.output};
    if (out.height < 1 || out.width < 1)
      throw OutOfPixels(name, "runs out of pixels: its input is " + to_string(in) + ", its window " +
                                  std::to_string(kernel.height) + "x" + std::to_string(kernel.width));
    return out;
  }
};

bool has_pixels(const NetworkSpec& spec, int height, int width) {
  try {
    Extent shape{spec.input.channels, height, width};
    for (const Layer& layer : spec.layers) shape = layer_output(layer, shape);
  } catch (const OutOfPixels&) {
    return false;
  } catch (const UsageError&) {
    // Something else is wrong, whatever the size.
  }
  return true;
}

/// "the smallest size is WxH": each side as given when it is large enough, else the smallest that works.
std::string min_size(const NetworkSpec& spec) {
  constexpr int kLargest = 4096;
  const auto min = [&](int given, auto&& works) {
    if (works(given)) return given;
    for (int side = 1; side <= kLargest; ++side)
      if (works(side)) return side;
    return 0;
  };
  const int width = min(spec.input.width, [&](int side) { return has_pixels(spec, kLargest, side); });
  const int height = min(spec.input.height, [&](int side) { return has_pixels(spec, side, kLargest); });
  if (width == 0 || height == 0) return {};
  return "the smallest size that works is " + std::to_string(width) + "x" + std::to_string(height) +
         " (width x height)";
}

/// One axis of a layer.
struct Axis {
  int input, kernel, stride;
  Padding::Mode mode;
  int before, after;  // with kExplicit
};

Window window(const Axis& axis, Pool::Rounding rounding) {
  const auto& [input, kernel, stride, mode, given_before, given_after] = axis;
  if (mode == Padding::Mode::kSame) {
    const int output = (input + stride - 1) / stride;
    const int total = std::max((output - 1) * stride + kernel - input, 0);
    return {output, total / 2, total - total / 2, total - total / 2};
  }
  const int before = mode == Padding::Mode::kExplicit ? given_before : 0,
            after = mode == Padding::Mode::kExplicit ? given_after : 0;
  const int room = input + before + after - kernel;
  if (room < 0 && rounding == Pool::Rounding::kFloor) return {0, before, after, after};
  int output = room < 0 ? 1 : room / stride + 1;
  // Caffe: one more window when pixels are left, unless it would start in the padding behind the image.
  if (room > 0 && rounding == Pool::Rounding::kCeil && room % stride != 0) ++output;
  if (rounding == Pool::Rounding::kCeil && (output - 1) * stride >= input + before) --output;
  return {output, before, (output - 1) * stride + kernel - input - before, after};
}

/// Of a Conv or Pool.
template <class Layer>
Windows both_axes(const Extent& input, const Layer& layer, Pool::Rounding rounding) {
  const auto& [kernel, stride, padding] = std::tie(layer.kernel, layer.stride, layer.padding);
  return {
      window({input.height, kernel.height, stride.height, padding.mode, padding.pad.top, padding.pad.bottom},
             rounding),
      window({input.width, kernel.width, stride.width, padding.mode, padding.pad.left, padding.pad.right},
             rounding)};
}

}  // namespace

Windows windows(const Extent& input, const Conv& conv) {
  return both_axes(input, conv, Pool::Rounding::kFloor);
}
Windows windows(const Extent& input, const Pool& pool) { return both_axes(input, pool, pool.rounding); }

Extent layer_output(const Layer& layer, const Extent& input) {
  const Extent output = std::visit(OutputOf{layer.name, input}, layer.kind);
  require(layer.name,
          output.height <= kLargestSide && output.width <= kLargestSide && output.size() <= kMaxValues,
          "its output is too large");
  return output;
}

std::vector<Extent> output_shapes(const NetworkSpec& spec) {
  require_range("input", "channels", spec.input.channels, 1, kMaxChannels);
  require_range("input", "height", spec.input.height, 1, kLargestSide);
  require_range("input", "width", spec.input.width, 1, kLargestSide);
  require("input", spec.input.size() <= kMaxValues, "is too large");
  require("network", is_plain(spec.name), "has a name with '/' or a control character in it");
  std::set<std::string_view> names;
  std::vector<Extent> shapes;
  shapes.reserve(spec.layers.size());
  Extent shape = spec.input;
  for (std::size_t i = 0; i < spec.layers.size(); ++i) {
    const Layer& layer = spec.layers[i];
    require("network", !layer.name.empty(), "has a layer without a name");
    require("network", is_plain(layer.name), "has a layer with '/' or a control character in its name");
    require(layer.name, names.insert(layer.name).second, "is the name of two layers");
    if (std::holds_alternative<Softmax>(layer.kind) && i + 1 != spec.layers.size())
      throw UsageError(layer.name, "softmax can only be the last layer");
    try {
      shape = layer_output(layer, shape);
    } catch (const OutOfPixels& error) {
      throw UsageError(error.where(),
                       "an image of " + std::to_string(spec.input.width) + "x" +
                           std::to_string(spec.input.height) + " is too small: this layer " + error.problem(),
                       min_size(spec));
    }
    shapes.push_back(shape);
  }
  return shapes;
}

NetworkSpec part_of(const NetworkSpec& spec, std::size_t begin, std::size_t end) {
  NetworkSpec part{spec.name, begin == 0 ? spec.input : output_shapes(spec)[begin - 1], {}};
  part.layers.assign(spec.layers.begin() + static_cast<std::ptrdiff_t>(begin),
                     spec.layers.begin() + static_cast<std::ptrdiff_t>(end));
  return part;
}

ReceptiveField receptive_field(const NetworkSpec& spec, std::size_t layer) {
  const std::vector<Extent> shapes = output_shapes(spec);
  ReceptiveField field;
  const auto everything = [&] {
    field = {{0, spec.input.height, spec.input.height}, {0, spec.input.width, spec.input.width}};
  };
  // A window sees kernel - 1 pixels of its input more than one pixel does, each of them a step of that input.
  const auto slide = [&](const std::string& name, Field& axis, const Window& window, int kernel, int stride) {
    const std::int64_t size = axis.size + std::int64_t{kernel - 1} * axis.step;
    const std::int64_t step = std::int64_t{axis.step} * stride;
    require(name, std::max(size, step) <= kLargestField,
            "has a receptive field or a stride that is too large to show");
    axis.start -= window.pad_before * axis.step;  // less than what the window adds to the size
    axis.size = static_cast<int>(size);
    axis.step = static_cast<int>(step);
  };
  for (std::size_t i = 0; i <= layer; ++i) {
    const Extent& in = i == 0 ? spec.input : shapes[i - 1];
    const auto& [name, kind] = spec.layers[i];
    const auto slide_both = [&](const auto& windowed) {
      const Windows both = windows(in, windowed);
      slide(name, field.rows, both.rows, windowed.kernel.height, windowed.stride.height);
      slide(name, field.columns, both.columns, windowed.kernel.width, windowed.stride.width);
    };
    if (const auto* conv = std::get_if<Conv>(&kind)) {
      slide_both(*conv);
    } else if (const auto* pool = std::get_if<Pool>(&kind)) {
      slide_both(*pool);
    } else if (const auto* lrn = std::get_if<Lrn>(&kind);
               lrn != nullptr && lrn->region == Lrn::Region::kWithinChannel) {
      const Window centred{.pad_before = lrn->size / 2};
      slide(name, field.rows, centred, lrn->size, 1);
      slide(name, field.columns, centred, lrn->size, 1);
    } else if (std::holds_alternative<Flatten>(kind) || std::holds_alternative<Dense>(kind)) {
      everything();
    }
  }
  return field;
}

std::string to_string(const Extent& extent) {
  if (extent.height == 1 && extent.width == 1) return std::to_string(extent.channels);
  return std::to_string(extent.height) + "x" + std::to_string(extent.width) + "x" +
         std::to_string(extent.channels);
}

}  // namespace alexnet
