#include "train/start_weights.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "alexnet/error.h"
#include "fmt/format.h"

namespace alexnet {
namespace {

constexpr const char* kMean = "mean";
constexpr float kLevels = 255;

Preprocessing preprocessing_of(const TensorFile& file, const std::string& input, std::string order,
                               const std::string& where) {
  int crop = 0, crop_again = 0, side = 0, side_again = 0, read = 0;
  const int found = std::sscanf(input.c_str(), "0..255 minus mean, %5dx%5d crop of %5dx%5d%n", &crop,
                                &crop_again, &side, &side_again, &read);
  if (found != 4 || static_cast<std::size_t>(read) != input.size() || crop != crop_again ||
      side != side_again || crop < 1 || side < crop || side > Preprocessing::kLargestResize)
    throw DataError(where, fmt::format("prepares pictures in a way not known here: '{}'", input),
                    fmt::format("known is '0..255 minus mean, 227x227 crop of 256x256', in sizes up to {}",
                                Preprocessing::kLargestResize));
  std::ranges::transform(order, order.begin(),
                         [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  if (order != "RGB" && order != "BGR")
    throw DataError(where, fmt::format("its channel order is '{}'", order), "it can be RGB or BGR");
  const auto mean = file.tensors.find(kMean);
  if (mean == file.tensors.end() || mean->second.shape.size() != 1)
    throw DataError(where, "says that a mean is taken from its pictures, but has no list of means");
  Preprocessing result;
  result.crop_width = result.crop_height = crop;
  result.resize = side;
  result.bgr = order == "BGR";
  for (const float level : mean->second.values) {
    if (!std::isfinite(level)) throw DataError(where, "holds means that are not finite");
    result.mean.push_back(level / kLevels);
    result.deviation.push_back(1 / kLevels);
  }
  return result;
}

/// The number behind "key=" in a text.
std::optional<float> number_behind(const std::string& text, const std::string& key) {
  const std::string wanted = key + "=";
  std::size_t at = text.find(wanted);
  // Not the end of a longer name.
  while (at != std::string::npos && at > 0 && std::isalnum(static_cast<unsigned char>(text[at - 1])) != 0)
    at = text.find(wanted, at + 1);
  if (at == std::string::npos) return std::nullopt;
  const char* number = text.c_str() + at + wanted.size();
  char* end = nullptr;
  const float value = std::strtof(number, &end);
  return end == number ? std::nullopt : std::optional(value);
}

bool agrees(const Lrn& lrn, const std::string& text) {
  const auto is = [&](const char* key, float value) {
    const std::optional<float> said = number_behind(text, key);
    return !said || std::abs(*said - value) <= 1e-6F * std::abs(value);
  };
  const bool divided = text.find("divided by n") != std::string::npos;
  return is("n", static_cast<float>(lrn.size)) && is("k", lrn.k) && is("alpha", lrn.alpha) &&
         is("beta", lrn.beta) && divided == (lrn.convention == Lrn::Convention::kMean);
}

}  // namespace

StartWeights load_start_weights(const std::filesystem::path& path) {
  TensorFile file = load_tensors(path);
  // Others write a format too: "pt" stands in most files from Python.
  const auto format = file.metadata.find("format");
  if (format != file.metadata.end() && format->second.starts_with("alexnet")) {
    Model model = load_model(path);
    return {std::move(model.weights), std::move(model.preprocessing), {}};
  }
  StartWeights start;
  const auto said = [&](const char* key) {
    const auto found = file.metadata.find(key);
    return found == file.metadata.end() ? std::string() : found->second;
  };
  if (const std::string input = said("input"); !input.empty())
    start.preprocessing = preprocessing_of(file, input, said("channel_order"), path.string());
  for (const char* key : {"lrn", "groups"})
    if (const std::string text = said(key); !text.empty()) start.said[key] = text;
  start.weights = std::move(file.tensors);
  return start;
}

std::vector<std::string> disagreements(const StartWeights& start, const NetworkSpec& spec) {
  std::vector<std::string> notes;
  const auto lrn = start.said.find("lrn"), groups = start.said.find("groups");
  for (const Layer& layer : spec.layers) {
    if (const auto* own = std::get_if<Lrn>(&layer.kind); own != nullptr && lrn != start.said.end())
      if (!agrees(*own, lrn->second))
        notes.push_back(fmt::format("{} normalises otherwise than the weights of --init expect: '{}'",
                                    layer.name, lrn->second));
    if (const auto* conv = std::get_if<Conv>(&layer.kind); conv != nullptr && groups != start.said.end())
      if (number_behind(groups->second, layer.name).value_or(1) != static_cast<float>(conv->groups))
        notes.push_back(fmt::format("{} has {} groups, the weights of --init expect '{}'", layer.name,
                                    conv->groups, groups->second));
  }
  const bool normalises = std::ranges::any_of(
      spec.layers, [](const Layer& layer) { return std::holds_alternative<Lrn>(layer.kind); });
  if (lrn != start.said.end() && !normalises)
    notes.push_back(
        fmt::format("the weights of --init expect a local response normalisation ('{}') that this "
                    "network does not have; --preset caffe and caffenet do",
                    lrn->second));
  return notes;
}

}  // namespace alexnet
