// Convolutions, poolings, and the padding before them.
#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "formats/onnx/network_reader.h"
#include "model/geometry.h"

namespace alexnet::onnx {
namespace {

constexpr std::int64_t kLargest = 65'536;  // of a kernel, stride or padding, as in layer_output()

/// A kernel's size, or a stride.
Size2 size_of(Attributes& attributes, const char* name, std::optional<Size2> otherwise) {
  const auto numbers = attributes.integers(name);
  if (!numbers || numbers->empty()) {
    if (!otherwise) attributes.fail(name, "is missing");
    return *otherwise;
  }
  if (numbers->size() != 2) attributes.fail(name, fmt::format("has {} numbers, not 2", numbers->size()));
  for (const std::int64_t number : *numbers)
    if (number < 1 || number > kLargest)
      attributes.fail(name, fmt::format("contains {}, out of range", number));
  return {static_cast<int>((*numbers)[0]), static_cast<int>((*numbers)[1])};
}

std::array<std::int64_t, 2> axes_of(const Size2& size) { return {size.height, size.width}; }

Sides sides_of(const std::array<std::int64_t, 2>& before, const std::array<std::int64_t, 2>& after) {
  const auto side = [](std::int64_t pixels) { return static_cast<int>(std::min(pixels, kLargest)); };
  return {side(before[0]), side(before[1]), side(after[0]), side(after[1])};
}

/// What a window does on one axis, by ONNX's definition.
std::int64_t output_of(std::int64_t input, std::int64_t kernel, std::int64_t stride, std::int64_t before,
                       std::int64_t after, bool up) {
  const std::int64_t room = input + before + after - kernel;
  if (room < 0) return 0;
  std::int64_t output = (room + (up ? stride - 1 : 0)) / stride + 1;
  // A window that would start behind the image and its padding before it is left out.
  if (up && (output - 1) * stride >= input + before) --output;
  return output;
}

}  // namespace

void NetworkReader::conv(const StoredNode& node) {
  require_image(node);
  Attributes attributes(node, where_);
  const Constant& weight = constant(node, 1, "weights");
  if (weight.shape.size() != 4)
    refuse(where_, node, fmt::format("its weights have {} dimensions, not 4", weight.shape.size()));
  const auto filters = whole(node, "number of filters", weight.shape[0]);
  for (const std::size_t axis : {2, 3})
    if (weight.shape[axis] < 1 || weight.shape[axis] > kLargest)
      refuse(where_, node, fmt::format("its kernel is {}, out of range", weight.shape[axis]));
  const Size2 kernel = {static_cast<int>(weight.shape[2]), static_cast<int>(weight.shape[3])};
  const Sliding slide = sliding(node, attributes, kernel);
  if (slide.kernel != kernel) attributes.fail("kernel_shape", "is not that of the weights");
  const auto groups = whole(node, "group", attributes.integer("group", 1));
  attributes.finish();
  if (groups < 1 || weight.shape[1] > shape_.channels || weight.shape[1] * groups != shape_.channels)
    refuse(where_, node,
           fmt::format("its weights {} do not fit {} channels in {} groups", to_string(weight.shape),
                       shape_.channels, groups));
  const std::string name = add(node, Conv{.filters = static_cast<int>(filters),
                                          .kernel = slide.kernel,
                                          .stride = slide.stride,
                                          .padding = slide.padding,
                                          .groups = static_cast<int>(groups)});
  result_.weights.push_back({.parameter = name + ".weight", .shape = weight.shape, .constant = weight});
  result_.weights.push_back({.parameter = name + ".bias", .shape = {filters}});
  if (const Constant* bias = optional_constant(node, 2, "bias"))
    take_bias(node, *bias, 1);
  else
    open_bias_ = true;
}

void NetworkReader::pool(const StoredNode& node) {
  require_image(node);
  Attributes attributes(node, where_);
  const bool max = node.op == "MaxPool";
  if (max) attributes.ignore("storage_order");  // of an output that is not read
  const bool after_pad = pad_.has_value();
  const Sliding slide = sliding(node, attributes, std::nullopt);
  attributes.finish();
  // The zeros of a Pad are no maximum where all else is 0 or more.
  if (after_pad && max && !not_negative())
    refuse(where_, node,
           "takes maxima of values and of the zeros of a Pad before it, which is not supported");
  if (slide == Sliding{}) return;  // does nothing
  add(node, Pool{.kind = max ? Pool::Kind::kMax : Pool::Kind::kAverage,
                 .kernel = slide.kernel,
                 .stride = slide.stride,
                 .padding = slide.padding,
                 .rounding = slide.rounding,
                 .counts_padding = slide.counts_padding});
}

void NetworkReader::global_pool(const StoredNode& node) {
  require_image(node);
  if (pad_) refuse(where_, node, "reads padding, which is not supported");
  const bool max = node.op == "GlobalMaxPool";
  add(node, Pool{.kind = max ? Pool::Kind::kMax : Pool::Kind::kAverage,
                 .kernel = {shape_.height, shape_.width},
                 .stride = 1});
}

bool NetworkReader::not_negative() const {
  if (result_.spec.layers.empty()) return false;
  const auto* last = std::get_if<Activation>(&result_.spec.layers.back().kind);
  return last != nullptr && last->kind != Activation::Kind::kTanh;
}

NetworkReader::Sliding NetworkReader::sliding(const StoredNode& node, Attributes& attributes,
                                              std::optional<Size2> kernel) {
  Sliding slide;
  slide.kernel = size_of(attributes, "kernel_shape", kernel);
  slide.stride = size_of(attributes, "strides", Size2{1});
  if (const auto dilations = attributes.integers("dilations")) {
    const Integers one_kernel = {slide.kernel.height, slide.kernel.width};
    for (std::size_t axis = 0; axis < dilations->size(); ++axis)
      if (dilations->size() != 2 || (one_kernel[axis] > 1 && (*dilations)[axis] != 1))
        attributes.fail("dilations", "is more than 1, which is not supported");
  }
  const bool up = node.op != "Conv" && attributes.integer("ceil_mode", 0) != 0;
  slide.counts_padding = node.op == "AveragePool" && attributes.integer("count_include_pad", 0) != 0;
  const std::string_view mode = attributes.text("auto_pad", "NOTSET");
  const Pads outside = std::exchange(pad_, std::nullopt).value_or(Pads{});
  const Pads pads = pads_of(attributes, slide, outside, mode);
  fit(node, slide, outside, pads, mode.starts_with("SAME"), up && mode == "NOTSET");
  return slide;
}

/// The padding of a node itself; `outside` is that of a Pad before it.
NetworkReader::Pads NetworkReader::pads_of(Attributes& attributes, const Sliding& slide, const Pads& outside,
                                           std::string_view mode) {
  const auto given = attributes.integers("pads");
  const auto kernel = axes_of(slide.kernel), stride = axes_of(slide.stride),
             input = axes_of({shape_.height, shape_.width});
  Pads pads;
  if (mode == "SAME_UPPER" || mode == "SAME_LOWER") {
    for (std::size_t axis = 0; axis < 2; ++axis) {
      const std::int64_t padded = input[axis] + outside.before[axis] + outside.after[axis];
      const std::int64_t output = (padded + stride[axis] - 1) / stride[axis];
      const std::int64_t total =
          std::max<std::int64_t>((output - 1) * stride[axis] + kernel[axis] - padded, 0);
      const std::int64_t less = total / 2, more = total - less;
      pads.before[axis] = mode == "SAME_UPPER" ? less : more;
      pads.after[axis] = mode == "SAME_UPPER" ? more : less;
    }
  } else if (mode == "NOTSET") {
    if (!given || given->empty()) return pads;
    if (given->size() != 4) attributes.fail("pads", fmt::format("has {} numbers, not 4", given->size()));
    for (const std::int64_t pad : *given)
      if (pad < 0 || pad > kLargest) attributes.fail("pads", fmt::format("contains {}, out of range", pad));
    pads = {{(*given)[0], (*given)[1]}, {(*given)[2], (*given)[3]}};
  } else if (mode != "VALID") {
    attributes.fail("auto_pad", fmt::format("is '{}', which is not supported", shown(mode)));
  }
  return pads;
}

/// The padding of a network that does the same: windows that start at the same pixels, and as many. What lies
/// behind the last window makes no difference. In an average, `outside` counts as zeros, and `pads` counts if
/// the node says so.
void NetworkReader::fit(const StoredNode& node, Sliding& slide, const Pads& outside, const Pads& pads,
                        bool same_first, bool up) {
  const auto kernel = axes_of(slide.kernel), stride = axes_of(slide.stride),
             input = axes_of({shape_.height, shape_.width});
  const bool pads_count = slide.counts_padding;
  Pads all = outside;
  std::array<std::int64_t, 2> output{}, counted_after = outside.after;
  for (std::size_t axis = 0; axis < 2; ++axis) {
    all.before[axis] += pads.before[axis];
    all.after[axis] += pads.after[axis];
    if (pads_count) counted_after[axis] += pads.after[axis];
    output[axis] = output_of(input[axis], kernel[axis], stride[axis], all.before[axis], all.after[axis], up);
  }
  slide.counts_padding = node.op == "AveragePool" && (pads_count ? all : outside) != Pads{};
  const bool mixed_before = slide.counts_padding && !pads_count && pads.before != Pads{}.before;
  const auto fits = [&](const Padding& padding, Pool::Rounding rounding) {
    const Windows both = windows(
        shape_,
        Pool{.kernel = slide.kernel, .stride = slide.stride, .padding = padding, .rounding = rounding});
    for (const std::size_t axis : {0, 1}) {
      const Window& window = axis == 0 ? both.rows : both.columns;
      if (window.output != output[axis] || window.pad_before != all.before[axis]) return false;
      const std::int64_t reached = std::max(window.pad_after, 0);
      if (slide.counts_padding &&
          std::min<std::int64_t>(window.border_after, reached) != std::min(counted_after[axis], reached))
        return false;
    }
    slide.padding = padding;
    slide.rounding = rounding;
    return true;
  };
  using enum Padding::Mode;
  const Padding same{kSame, 0}, valid{kValid, 0}, whole{kExplicit, sides_of(all.before, all.after)},
      equal{kExplicit, whole.pad.top}, counted{kExplicit, sides_of(outside.before, counted_after)};
  constexpr auto kFloor = Pool::Rounding::kFloor, kCeil = Pool::Rounding::kCeil;
  if (!mixed_before) {
    if (same_first && fits(same, kFloor)) return;
    if (fits(valid, kFloor) || (equal.pad != Sides{} && fits(equal, kFloor)) || fits(same, kFloor) ||
        fits(whole, kFloor))
      return;
    if (node.op != "Conv" && (fits(valid, kCeil) || fits(whole, kCeil) || fits(counted, kCeil))) return;
  }
  refuse(where_, node,
         mixed_before ? "computes averages in which one part of the padding counts and the other does not, "
                        "which is not supported"
                      : fmt::format("its padding, {}, {}, {} and {} pixels at the top, left, bottom and "
                                    "right, is not supported",
                                    all.before[0], all.before[1], all.after[0], all.after[1]));
}

void NetworkReader::pad(const StoredNode& node) {
  constexpr int kPadsAreAnInput = 11;
  require_image(node);
  Attributes attributes(node, where_);
  if (const auto mode = attributes.text("mode", "constant"); mode != "constant")
    attributes.fail("mode", fmt::format("is '{}', but only 'constant' is supported", shown(mode)));
  Integers pads, axes = {0, 1, 2, 3};
  float value = 0;
  if (opset_ >= kPadsAreAnInput) {
    pads = values_.integers(constant(node, 1, "padding"));
    if (const Constant* number = optional_constant(node, 2, "value"); number != nullptr) {
      if (!number->shape.empty() && number->shape != Shape{1})
        refuse(where_, node, "its value is not one number");
      value = values_.floats(*number).values[0];
    }
    if (const Constant* list = optional_constant(node, 3, "axes")) axes = values_.integers(*list);
  } else {
    pads = attributes.integers("pads").value_or(Integers());
    value = attributes.real("value", 0);
  }
  attributes.finish();
  if (pads.size() != 2 * axes.size()) refuse(where_, node, "its padding does not fit its axes");
  Pads sum = pad_.value_or(Pads{});
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const std::int64_t axis = axes[i] < 0 ? axes[i] + 4 : axes[i];
    const std::int64_t before = pads[i], after = pads[i + axes.size()];
    if (before == 0 && after == 0) continue;
    if (axis < 2 || axis > 3 || before < 0 || after < 0 || before > kLargest || after > kLargest)
      refuse(where_, node, "pads something other than the sides of an image, which is not supported");
    sum.before[static_cast<std::size_t>(axis) - 2] += before;
    sum.after[static_cast<std::size_t>(axis) - 2] += after;
  }
  if (value != 0) refuse(where_, node, fmt::format("pads with {}, but only zeros are supported", value));
  if (sum.before != Pads{}.before || sum.after != Pads{}.after) pad_ = sum;
}

}  // namespace alexnet::onnx
