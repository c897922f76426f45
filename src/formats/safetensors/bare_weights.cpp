#include "formats/safetensors/bare_weights.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <optional>
#include <utility>

#include "alexnet/error.h"

namespace alexnet {
namespace {

constexpr const char* kMean = "mean";
constexpr float kLevels = 255;

Preprocessing preprocessing_of(const NamedTensors& tensors, const std::string& input, std::string order,
                               const std::string& where) {
  int crop = 0, crop_again = 0, side = 0, side_again = 0, read = 0;
  const int found = std::sscanf(input.c_str(), "0..255 minus mean, %5dx%5d crop of %5dx%5d%n", &crop,
                                &crop_again, &side, &side_again, &read);
  if (found != 4 || static_cast<std::size_t>(read) != input.size() || crop != crop_again ||
      side != side_again || crop < 1 || side < crop || side > Preprocessing::kLargestResize)
    throw DataError(where, fmt::format("prepares images in an unknown way: '{}'", input),
                    fmt::format("expected '0..255 minus mean, 227x227 crop of 256x256', in sizes up to {}",
                                Preprocessing::kLargestResize));
  std::ranges::transform(order, order.begin(),
                         [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  if (order != "RGB" && order != "BGR")
    throw DataError(where, fmt::format("its channel order '{}' is not valid", order), "expected RGB or BGR");
  const auto mean = tensors.find(kMean);
  if (mean == tensors.end() || mean->second.shape.size() != 1)
    throw DataError(where, "says that a mean is subtracted from its images, but has no list of means");
  Preprocessing result;
  result.crop_width = result.crop_height = crop;
  result.resize = side;
  result.bgr = order == "BGR";
  for (const float level : mean->second.values) {
    if (!std::isfinite(level)) throw DataError(where, "holds means that are not finite");
    result.mean.push_back(level / kLevels);
    result.stddev.push_back(1 / kLevels);
  }
  return result;
}

bool belongs_to_name(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; }

/// The number behind "key=" in a text.
std::optional<float> number_behind(const std::string& text, const std::string& key) {
  const std::string wanted = key + "=";
  std::size_t at = text.find(wanted);
  // Not the end of a longer name.
  while (at != std::string::npos && at > 0 && belongs_to_name(text[at - 1])) at = text.find(wanted, at + 1);
  if (at == std::string::npos) return std::nullopt;
  const char* number = text.c_str() + at + wanted.size();
  char* end = nullptr;
  const float value = std::strtof(number, &end);
  return end == number ? std::nullopt : std::optional(value);
}

StatedResponse response_of(const std::string& text) {
  StatedResponse response;
  response.text = text;
  response.size = number_behind(text, "n");
  response.k = number_behind(text, "k");
  response.alpha = number_behind(text, "alpha");
  response.beta = number_behind(text, "beta");
  if (text.find("divided by n") != std::string::npos) response.convention = Lrn::Convention::kMean;
  return response;
}

/// Every "name=number" of a text, whatever stands between them. Names are of letters, digits and "_.-".
StatedGroups groups_of(const std::string& text) {
  StatedGroups groups;
  groups.text = text;
  const auto in_name = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '.' || c == '-';
  };
  for (std::size_t equals = text.find('='); equals != std::string::npos;
       equals = text.find('=', equals + 1)) {
    std::size_t begin = equals;
    while (begin > 0 && in_name(text[begin - 1])) --begin;
    int count = 0;
    const auto read = std::from_chars(text.data() + equals + 1, text.data() + text.size(), count);
    if (begin < equals && read.ec == std::errc{})
      groups.by_layer.emplace(text.substr(begin, equals - begin), count);
  }
  return groups;
}

}  // namespace

StoredWeights read_bare_weights(TensorFile file, const std::string& where) {
  StoredWeights weights;
  const auto take = [&](const char* key) {
    const auto found = file.metadata.extract(key);
    return found.empty() ? std::string() : found.mapped();
  };
  const std::string input = take("input"), order = take("channel_order");
  if (!input.empty()) weights.preprocessing = preprocessing_of(file.tensors, input, order, where);
  if (const std::string text = take("lrn"); !text.empty()) weights.response = response_of(text);
  if (const std::string text = take("groups"); !text.empty()) weights.groups = groups_of(text);
  weights.provenance = std::move(file.metadata);
  weights.weights = std::move(file.tensors);
  return weights;
}

}  // namespace alexnet
