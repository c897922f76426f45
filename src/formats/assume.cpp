// What people say of a model where its file does not, or says it wrongly.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <string_view>
#include <utility>

#include "alexnet/error.h"
#include "alexnet/model.h"
#include "formats/describe_preparation.h"
#include "image/preparation.h"

namespace alexnet {
namespace {

constexpr const char* kFlag = "--assume";

[[noreturn]] void fail(std::string_view item) {
  throw UsageError(
      kFlag, fmt::format("'{}' is not valid", item),
      "expected some of rgb, bgr, range=0..1, range=0..255, mean=M, std=S, resize=N, resize=WxH, "
      "interpolation=bilinear, bicubic or nearest, antialias=on or off, crop=even or floor; values of "
      "several "
      "channels are separated by '/'");
}

float number_of(std::string_view text, std::string_view item) {
  float value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) fail(item);
  return value;
}

/// "0.4/0.5/0.6", or one number for all channels.
std::vector<float> numbers_of(std::string_view text, std::size_t channels, std::string_view item) {
  std::vector<float> numbers;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find('/', at), text.size());
    numbers.push_back(number_of(text.substr(at, end - at), item));
    at = end + 1;
  }
  if (numbers.size() == 1) numbers.resize(channels, numbers[0]);
  if (numbers.size() != channels) fail(item);
  return numbers;
}

/// "256", the short side, or "256x300", width and height.
Resize resize_of(std::string_view text, std::string_view item) {
  const auto side = [&](std::string_view number) {
    const float value = number_of(number, item);
    if (value < 1 || value > Preprocessing::kLargestResize) fail(item);
    return static_cast<int>(value);
  };
  const std::size_t cross = text.find('x');
  if (cross == std::string_view::npos) return side(text);
  const int width = side(text.substr(0, cross));
  return {side(text.substr(cross + 1)), width};
}

struct Assumed {
  std::optional<bool> bgr;
  std::optional<float> range;
  std::optional<Resize> resize;
  std::optional<Interpolation> interpolation;
  std::optional<bool> antialias, floor_crop;
  std::optional<std::vector<float>> mean, stddev;
};

Assumed parse(const std::string& text, std::size_t channels) {
  Assumed assumed;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(',', at), text.size());
    const std::string_view item = std::string_view(text).substr(at, end - at);
    const std::size_t equals = std::min(item.find('='), item.size());
    const std::string_view key = item.substr(0, equals);
    const std::string_view value = item.substr(std::min(equals + 1, item.size()));
    if (item == "rgb" || item == "bgr")
      assumed.bgr = item == "bgr";
    else if (item == "range=0..1" || item == "range=0..255")
      assumed.range = item.ends_with("255") ? 255.0F : 1.0F;
    else if (key == "mean")
      assumed.mean = numbers_of(value, channels, item);
    else if (key == "std")
      assumed.stddev = numbers_of(value, channels, item);
    else if (key == "resize")
      assumed.resize = resize_of(value, item);
    else if (key == "interpolation" && interpolation_from_string(value))
      assumed.interpolation = interpolation_from_string(value);
    else if (item == "antialias=on" || item == "antialias=off")
      assumed.antialias = item == "antialias=on";
    else if (item == "crop=even" || item == "crop=floor")
      assumed.floor_crop = item == "crop=floor";
    else
      fail(item);
    at = end + 1;
  }
  return assumed;
}

}  // namespace

void assume(StoredWeights& stored, const std::string& text) {
  if (!stored.spec) throw UsageError(kFlag, "has no effect on weights without a network", "leave it out");
  const Extent& input = stored.spec->input;
  const auto channels = static_cast<std::size_t>(input.channels);
  const Assumed assumed = parse(text, channels);
  const bool known = stored.preprocessing.has_value();
  if (!known && !assumed.resize)
    throw UsageError(kFlag, "the file does not say to which size images are scaled",
                     fmt::format("add resize=N for the short side, at least {}, or resize=WxH",
                                 std::max(input.width, input.height)));
  if (!known)
    stored.preprocessing = Preprocessing{.crop_width = input.width,
                                         .crop_height = input.height,
                                         .mean = std::vector<float>(channels, 0.0F),
                                         .stddev = std::vector<float>(channels, 1.0F)};
  Preprocessing& steps = *stored.preprocessing;
  const float range = assumed.range.value_or(1.0F);
  const auto set = [&](std::vector<float>& values, const std::optional<std::vector<float>>& given,
                       float otherwise) {
    if (!given && !assumed.range) return;
    values = given.value_or(std::vector<float>(channels, otherwise));
    for (float& value : values) value /= range;
  };
  set(steps.mean, assumed.mean, 0);
  set(steps.stddev, assumed.stddev, 1);
  if (assumed.bgr) steps.bgr = *assumed.bgr;
  if (assumed.resize) steps.resize = *assumed.resize;
  if (assumed.interpolation) steps.interpolation = *assumed.interpolation;
  if (assumed.antialias) steps.antialias = *assumed.antialias;
  if (assumed.floor_crop) steps.floor_crop = *assumed.floor_crop;
  if (assumed.mean || assumed.range) steps.mean_image = {};

  std::vector<Assumption>& assumptions = stored.origin.assumptions;
  std::vector<Assumption> now;
  describe_preparation(steps, Assumption::From::kDefault, now);
  for (Assumption& step : now) {
    const auto before = std::ranges::find(assumptions, step.what, &Assumption::what);
    const bool flag =
        (step.what == kChannelOrder && assumed.bgr) || (step.what == kRange && assumed.range) ||
        (step.what == kMeans && (assumed.mean || assumed.range)) ||
        (step.what == kStddevs && (assumed.stddev || assumed.range)) ||
        (step.what == kResize && (assumed.resize || assumed.interpolation || assumed.antialias)) ||
        (step.what == kCrop && assumed.floor_crop);
    if (flag) step.from = Assumption::From::kFlag;
    if (before == assumptions.end())
      assumptions.push_back(std::move(step));
    else if (flag)
      *before = std::move(step);
  }
}

void name_classes(StoredWeights& stored, std::vector<std::string> classes, const std::string& where) {
  const std::size_t outputs = stored.spec ? static_cast<std::size_t>(class_count(*stored.spec)) : 0;
  if (classes.size() != outputs)
    throw DataError(where,
                    fmt::format("names {} classes, but the network has {} outputs", classes.size(), outputs));
  stored.classes = std::move(classes);
  std::erase_if(stored.origin.assumptions, [](const Assumption& a) { return a.what == "class names"; });
  stored.origin.assumptions.push_back({"class names", where, Assumption::From::kFlag});
}

}  // namespace alexnet
