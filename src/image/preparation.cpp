#include "image/preparation.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>

#include "alexnet/error.h"
#include "alexnet/image.h"

namespace alexnet {

bool is_whole(const Image& image, int channels) {
  return image.channels == channels && image.width > 0 && image.height > 0 &&
         image.pixels.size() == static_cast<std::size_t>(image.width) *
                                    static_cast<std::size_t>(image.height) *
                                    static_cast<std::size_t>(channels);
}

int centre(int whole, int part) {
  const int rest = whole - part;
  return rest / 2 + (rest % 4 == 3 ? 1 : 0);
}

Image scale_middle(const Image& image, int resize, int width, int height) {
  const ScaledSize size = scaled_size(image.width, image.height, resize, width, height);
  return resample(image, size, {centre(size.width, width), centre(size.height, height), width, height});
}

void check_sizes(const Preprocessing& preprocessing, int channels) {
  if (channels != 1 && channels != 3)
    throw UsageError("channels", fmt::format("images have 1 or 3, not {}", channels));
  if (preprocessing.resize < 1 || preprocessing.crop_width < 1 || preprocessing.crop_height < 1)
    throw UsageError("preprocessing",
                     fmt::format("cannot scale to {} and crop {}x{}", preprocessing.resize,
                                 preprocessing.crop_width, preprocessing.crop_height),
                     "give sizes of at least 1");
}

void check_preprocessing(const Preprocessing& preprocessing, int channels) {
  check_sizes(preprocessing, channels);
  const auto wanted = static_cast<std::size_t>(channels);
  if (preprocessing.mean.size() != wanted || preprocessing.stddev.size() != wanted)
    throw UsageError("preprocessing",
                     fmt::format("{} means and {} standard deviations for {} channels",
                                 preprocessing.mean.size(), preprocessing.stddev.size(), channels),
                     "give one of each per channel");
  for (const float stddev : preprocessing.stddev)
    if (!(stddev > 0) || !std::isfinite(stddev))
      throw UsageError("preprocessing", fmt::format("a standard deviation of {}", stddev),
                       "give numbers above 0");
}

Normalisation::Normalisation(const Preprocessing& preprocessing, int channels) {
  for (int c = 0; c < channels; ++c) {
    const double mean = preprocessing.mean[static_cast<std::size_t>(c)];
    const double stddev = preprocessing.stddev[static_cast<std::size_t>(c)];
    Channel channel{preprocessing.bgr ? channels - 1 - c : c, {}};
    for (std::size_t pixel = 0; pixel < channel.value.size(); ++pixel)
      channel.value[pixel] = static_cast<float>((static_cast<double>(pixel) / 255.0 - mean) / stddev);
    channels_.push_back(channel);
  }
}

void Normalisation::apply(const std::uint8_t* pixels, int row_width, const CropBox& box, bool mirror,
                          float* planes) const {
  const auto channels = static_cast<std::ptrdiff_t>(channels_.size());
  const std::ptrdiff_t plane = std::ptrdiff_t{box.width} * box.height;
  const std::ptrdiff_t step = mirror ? -channels : channels;
  const std::ptrdiff_t first = mirror ? box.left + box.width - 1 : box.left;
  for (std::ptrdiff_t y = 0; y < box.height; ++y) {
    const std::uint8_t* row = pixels + ((box.top + y) * row_width + first) * channels;
    for (std::ptrdiff_t c = 0; c < channels; ++c) {
      const Channel& channel = channels_[static_cast<std::size_t>(c)];
      const float* value = channel.value.data();
      const std::uint8_t* from = row + channel.offset;
      float* to = planes + c * plane + y * box.width;
      for (std::ptrdiff_t x = 0; x < box.width; ++x) to[x] = value[from[x * step]];
    }
  }
}

void prepare_image(const Image& image, const Preprocessing& preprocessing, std::span<float> chw) {
  check_preprocessing(preprocessing, image.channels);
  const int width = preprocessing.crop_width, height = preprocessing.crop_height;
  const auto needed = static_cast<std::size_t>(image.channels) * static_cast<std::size_t>(width) *
                      static_cast<std::size_t>(height);
  if (chw.size() != needed)
    throw UsageError("prepare_image",
                     fmt::format("has space for {} values, but {} are needed", chw.size(), needed));
  const Image middle = scale_middle(image, preprocessing.resize, width, height);
  Normalisation(preprocessing, image.channels)
      .apply(middle.pixels.data(), width, {0, 0, width, height}, false, chw.data());
}

Image show_image(std::span<const float> chw, const Preprocessing& preprocessing) {
  const auto channels = preprocessing.mean.size();
  const std::size_t pixels = chw.size() / channels;
  Image image{preprocessing.crop_width, preprocessing.crop_height, static_cast<int>(channels),
              std::vector<std::uint8_t>(chw.size())};
  for (std::size_t c = 0; c < channels; ++c) {
    const std::size_t channel = preprocessing.bgr ? channels - 1 - c : c;
    for (std::size_t i = 0; i < pixels; ++i) {
      const float level = chw[c * pixels + i] * preprocessing.stddev[c] + preprocessing.mean[c];
      image.pixels[i * channels + channel] =
          static_cast<std::uint8_t>(std::lround(255 * std::clamp(level, 0.0F, 1.0F)));
    }
  }
  return image;
}

}  // namespace alexnet
