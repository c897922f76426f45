#include "image/preparation.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <utility>

#include "alexnet/error.h"
#include "alexnet/image.h"

namespace alexnet {

bool is_whole(const Image& image, int channels) {
  return image.channels == channels && image.width > 0 && image.height > 0 &&
         image.pixels.size() == static_cast<std::size_t>(image.width) *
                                    static_cast<std::size_t>(image.height) *
                                    static_cast<std::size_t>(channels);
}

std::string to_string(const Resize& resize) {
  return resize.keeps_shape ? std::to_string(resize.short_side())
                            : fmt::format("{}x{}", resize.width, resize.height);
}

std::string to_string(Interpolation interpolation) {
  return interpolation == Interpolation::kNearest    ? "nearest"
         : interpolation == Interpolation::kBilinear ? "bilinear"
                                                     : "bicubic";
}

bool operator==(const TensorView& a, const TensorView& b) {
  return a.shape == b.shape && std::ranges::equal(a.values, b.values);
}

std::optional<Interpolation> interpolation_from_string(std::string_view text) {
  for (const auto known : {Interpolation::kNearest, Interpolation::kBilinear, Interpolation::kBicubic})
    if (text == to_string(known)) return known;
  return std::nullopt;
}

int centre(int whole, int part, bool floor) {
  const int rest = whole - part;
  return rest / 2 + (rest % 4 == 3 && !floor ? 1 : 0);
}

Image scale_middle(const Image& image, const Preprocessing& steps, int width, int height) {
  const ScaledSize size = scaled_size(image.width, image.height, steps.resize, width, height);
  const CropBox box{centre(size.width, width, steps.floor_crop),
                    centre(size.height, height, steps.floor_crop), width, height};
  return resample(image, size, box, filter_of(steps));
}

ScaledSize middle_size(const Preprocessing& preprocessing) {
  return {std::max(preprocessing.resize.width, preprocessing.crop_width),
          std::max(preprocessing.resize.height, preprocessing.crop_height)};
}

Filter filter_of(const Preprocessing& preprocessing) {
  return {preprocessing.interpolation, preprocessing.antialias};
}

bool mean_image_fits(const Preprocessing& preprocessing, int channels) {
  const TensorView& image = preprocessing.mean_image;
  if (image.values.empty()) return true;
  const ScaledSize middle = middle_size(preprocessing);
  return image.shape == Shape{channels, middle.height, middle.width} ||
         image.shape == Shape{channels, preprocessing.crop_height, preprocessing.crop_width};
}

void check_sizes(const Preprocessing& preprocessing, int channels) {
  if (channels != 1 && channels != 3)
    throw UsageError("channels", fmt::format("images have 1 or 3, not {}", channels));
  const Resize& resize = preprocessing.resize;
  if (resize.short_side() < 1 || preprocessing.crop_width < 1 || preprocessing.crop_height < 1)
    throw UsageError("preprocessing",
                     fmt::format("cannot scale to {} and crop {}x{}", to_string(resize),
                                 preprocessing.crop_width, preprocessing.crop_height),
                     "give sizes of at least 1");
  if (!resize.keeps_shape &&
      (resize.width < preprocessing.crop_width || resize.height < preprocessing.crop_height))
    throw UsageError("preprocessing",
                     fmt::format("cannot crop {}x{} of an image that is scaled to {}",
                                 preprocessing.crop_width, preprocessing.crop_height, to_string(resize)),
                     "give a size of at least that of the crop");
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
  if (!mean_image_fits(preprocessing, channels))
    throw UsageError("preprocessing",
                     fmt::format("its mean image is {}", to_string(preprocessing.mean_image.shape)),
                     "give one of the size of the crop, or of the scaled image: channels x height x width");
}

Normalisation::Normalisation(const Preprocessing& preprocessing, int channels)
    : mean_image_(preprocessing.mean_image), stddev_(preprocessing.stddev) {
  if (!mean_image_.values.empty()) {
    const ScaledSize middle = middle_size(preprocessing);
    is_of_middle_ = mean_image_.shape[1] == middle.height && mean_image_.shape[2] == middle.width;
    centre_ = {centre(middle.width, preprocessing.crop_width, preprocessing.floor_crop),
               centre(middle.height, preprocessing.crop_height, preprocessing.floor_crop)};
  }
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
                          float* planes, const std::optional<Place>& place) const {
  if (!mean_image_.values.empty()) {
    subtract_image(pixels, row_width, box, mirror, planes, is_of_middle_ ? place.value_or(centre_) : Place{});
    return;
  }
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

/// The same formula with the mean of each pixel.
void Normalisation::subtract_image(const std::uint8_t* pixels, int row_width, const CropBox& box, bool mirror,
                                   float* planes, const Place& place) const {
  const auto channels = static_cast<std::ptrdiff_t>(channels_.size());
  const std::ptrdiff_t plane = std::ptrdiff_t{box.width} * box.height;
  const std::ptrdiff_t rows = mean_image_.shape[1], columns = mean_image_.shape[2];
  for (std::ptrdiff_t c = 0; c < channels; ++c) {
    const double stddev = stddev_[static_cast<std::size_t>(c)];
    const int offset = channels_[static_cast<std::size_t>(c)].offset;
    for (std::ptrdiff_t y = 0; y < box.height; ++y) {
      const std::uint8_t* from = pixels + ((box.top + y) * row_width + box.left) * channels + offset;
      const float* mean = mean_image_.values.data() + (c * rows + place.top + y) * columns + place.left;
      float* to = planes + c * plane + y * box.width;
      for (std::ptrdiff_t x = 0; x < box.width; ++x) {
        const double value = static_cast<double>(from[x * channels]) / 255.0 - static_cast<double>(mean[x]);
        to[mirror ? box.width - 1 - x : x] = static_cast<float>(value / stddev);
      }
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
  const Image middle = scale_middle(image, preprocessing, width, height);
  Normalisation(preprocessing, image.channels)
      .apply(middle.pixels.data(), width, {0, 0, width, height}, false, chw.data());
}

TensorView mean_of_centre(const Preprocessing& preprocessing) {
  const TensorView& image = preprocessing.mean_image;
  const std::int64_t height = preprocessing.crop_height, width = preprocessing.crop_width;
  if (image.values.empty() || (image.shape[1] == height && image.shape[2] == width)) return image;
  const std::int64_t rows = image.shape[1], columns = image.shape[2];
  const bool floor = preprocessing.floor_crop;
  const std::int64_t top = centre(static_cast<int>(rows), preprocessing.crop_height, floor),
                     left = centre(static_cast<int>(columns), preprocessing.crop_width, floor);
  Tensor cut({image.shape[0], height, width});
  auto to = cut.values.begin();
  for (std::int64_t c = 0; c < image.shape[0]; ++c)
    for (std::int64_t y = 0; y < height; ++y)
      to = std::ranges::copy(
               image.values.subspan(static_cast<std::size_t>((c * rows + top + y) * columns + left),
                                    static_cast<std::size_t>(width)),
               to)
               .out;
  return TensorView::own(std::move(cut));
}

Image show_image(std::span<const float> chw, const Preprocessing& preprocessing) {
  const auto channels = preprocessing.mean.size();
  const std::size_t pixels = chw.size() / channels;
  Image image{preprocessing.crop_width, preprocessing.crop_height, static_cast<int>(channels),
              std::vector<std::uint8_t>(chw.size())};
  const TensorView mean = mean_of_centre(preprocessing);
  for (std::size_t c = 0; c < channels; ++c) {
    const std::size_t channel = preprocessing.bgr ? channels - 1 - c : c;
    for (std::size_t i = 0; i < pixels; ++i) {
      const float level = chw[c * pixels + i] * preprocessing.stddev[c] +
                          (mean.values.empty() ? preprocessing.mean[c] : mean.values[c * pixels + i]);
      image.pixels[i * channels + channel] =
          static_cast<std::uint8_t>(std::lround(255 * std::clamp(level, 0.0F, 1.0F)));
    }
  }
  return image;
}

}  // namespace alexnet
