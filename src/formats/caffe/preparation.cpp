#include "formats/caffe/preparation.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "alexnet/error.h"
#include "alexnet/presets.h"
#include "formats/describe_preparation.h"

namespace alexnet::caffe {
namespace {

using From = Assumption::From;

constexpr float kLevels = 255;
/// The mean pixel of ILSVRC 2012, blue first, of BVLC's mean image.
constexpr float kImageNetMean[] = {104.00698793F, 116.66876762F, 122.67891434F};
constexpr int kImageNetSide = 256;

/// BVLC's AlexNet and CaffeNet, by the names and shapes of their tensors.
bool is_bvlc(const NetworkSpec& spec) {
  constexpr int kClasses = 1000;
  const Preset& preset = find_preset("caffe");
  const NetworkSpec known = preset.build(preset.size, preset.size, preset.channels, kClasses, 0);
  return spec.input == known.input &&
         std::ranges::equal(parameters(spec), parameters(known), [](const auto& a, const auto& b) {
           return a.name == b.name && a.shape == b.shape;
         });
}

/// The means of the channels, in levels; none where they are unknown.
std::optional<std::vector<float>> means_of(const StatedInput& stated, const TensorView& image,
                                           std::size_t channels, bool is_known, const std::string& where) {
  if (!image.values.empty()) {
    std::vector<float> means;
    const std::size_t pixels = image.values.size() / channels;
    for (std::size_t c = 0; c < channels; ++c) {
      const auto plane = image.values.subspan(c * pixels, pixels);
      means.push_back(static_cast<float>(std::accumulate(plane.begin(), plane.end(), 0.0) /
                                         static_cast<double>(pixels) * kLevels));
    }
    return means;
  }
  if (!stated.mean.empty()) {
    std::vector<float> means = stated.mean;
    if (means.size() == 1) means.resize(channels, means[0]);
    if (means.size() != channels)
      throw DataError(where, fmt::format("has {} means for {} channels", means.size(), channels));
    return means;
  }
  if (!stated.mean_file.empty()) return std::nullopt;
  if (stated.stated) return std::vector<float>(channels, 0);
  if (is_known) return std::vector<float>(std::begin(kImageNetMean), std::end(kImageNetMean));
  return std::nullopt;
}

}  // namespace

TensorView read_mean_image(const Bytes& file, int channels) {
  const std::string_view bytes(reinterpret_cast<const char*>(file.data.data()), file.data.size());
  Tensor image = values_of(parse_blob(bytes, file.name), file.name);
  if (image.shape.size() == 4 && image.shape[0] == 1) image.shape.erase(image.shape.begin());
  if (image.shape.size() != 3 || image.shape[0] != channels || image.values.empty())
    throw DataError(file.name, fmt::format("is not a mean image of {} channels: its shape is {}", channels,
                                           to_string(image.shape)));
  for (float& value : image.values) value /= kLevels;
  return TensorView::own(std::move(image));
}

std::optional<Preprocessing> read_preparation(const ReadNetwork& network, TensorView mean_image,
                                              Origin& origin, const std::string& where) {
  const StatedInput& stated = network.input;
  const Extent& input = network.spec.input;
  const auto channels = static_cast<std::size_t>(input.channels);
  const bool is_known = is_bvlc(network.spec);
  if (is_known) origin.family = "Caffe AlexNet";
  if (!stated.mean_file.empty() && mean_image.values.empty())
    origin.assumptions.push_back(
        {"mean image", fmt::format("in '{}', which is not beside the file", shown(stated.mean_file)),
         From::kFile});
  const auto means = means_of(stated, mean_image, channels, is_known, where);
  if (!means) return std::nullopt;

  Preprocessing steps;
  std::map<std::string_view, From> from;
  if (stated.new_height > 0 && stated.new_width > 0) {
    steps.resize = {stated.new_height, stated.new_width};
    from[kResize] = From::kFile;
  } else if (!mean_image.values.empty()) {
    steps.resize = {static_cast<int>(mean_image.shape[1]), static_cast<int>(mean_image.shape[2])};
    from[kResize] = From::kFile;
  } else {
    const bool crops = stated.crop > 0 || !stated.stated;
    const bool is_usual = crops && std::max(input.height, input.width) <= kImageNetSide &&
                          2 * std::min(input.height, input.width) > kImageNetSide;
    steps.resize = is_usual ? Resize(kImageNetSide, kImageNetSide) : Resize(input.height, input.width);
  }
  steps.crop_width = input.width;
  steps.crop_height = input.height;
  steps.bgr = channels == 3;
  steps.antialias = false;  // OpenCV's, with which Caffe makes its data
  steps.floor_crop = true;
  const float scale = stated.scale.value_or(1);
  if (!(scale > 0))
    throw DataError(where, fmt::format("multiplies its images by {}, which is not more than 0", scale));
  for (const float mean : *means) steps.mean.push_back(mean / kLevels);
  steps.stddev.assign(channels, 1 / (kLevels * scale));
  steps.mean_image = std::move(mean_image);

  const bool stated_mean = stated.stated || !steps.mean_image.values.empty();
  from[kMeans] = stated_mean ? From::kFile : From::kFamily;
  if (stated.stated) from[kStddevs] = from[kCrop] = From::kFile;
  const std::size_t first = origin.assumptions.size();
  describe_preparation(steps, is_known ? From::kFamily : From::kDefault, origin.assumptions);
  for (std::size_t i = first; i < origin.assumptions.size(); ++i)
    if (const auto known = from.find(origin.assumptions[i].what); known != from.end())
      origin.assumptions[i].from = known->second;
  if (stated.mirror.value_or(false))
    origin.assumptions.push_back({"mirror", "in training only", From::kFile});
  return steps;
}

}  // namespace alexnet::caffe
