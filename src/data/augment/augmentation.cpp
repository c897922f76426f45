#include "data/augment/augmentation.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "alexnet/error.h"
#include "data/augment/colour_jitter.h"

namespace alexnet {
namespace {

const Preprocessing& checked(const AugmentOptions& options, const Preprocessing& preprocessing,
                             int channels) {
  check_preprocessing(preprocessing, channels);
  if (options.colour > 0 && (channels != 3 || options.colour_axes.size() != 9))
    throw UsageError("colour", "can only change with three channels and three axes of three numbers");
  return preprocessing;
}

/// As Python's round().
int rounded(double value) { return static_cast<int>(std::nearbyint(value)); }

constexpr double kMinRatio = 3.0 / 4.0, kMaxRatio = 4.0 / 3.0;

CropBox largest_middle_box(int width, int height) {
  const double ratio = static_cast<double>(width) / height;
  CropBox box{0, 0, width, height};
  if (ratio < kMinRatio) box.height = rounded(width / kMinRatio);
  if (ratio > kMaxRatio) box.width = rounded(height * kMaxRatio);
  box.left = (width - box.width) / 2;
  box.top = (height - box.height) / 2;
  return box;
}

}  // namespace

CropBox random_resized_box(int width, int height, double min_area, RandomStream& draws) {
  constexpr int kTries = 10;
  const auto between = [&](double from, double to) {
    return from + (to - from) * static_cast<double>(draws.uniform());
  };
  const double area = static_cast<double>(width) * height;
  for (int i = 0; i < kTries; ++i) {
    const double wanted = area * between(min_area, 1);
    const double ratio = std::exp(between(std::log(kMinRatio), std::log(kMaxRatio)));
    CropBox box{0, 0, rounded(std::sqrt(wanted * ratio)), rounded(std::sqrt(wanted / ratio))};
    if (box.width < 1 || box.width > width || box.height < 1 || box.height > height) continue;
    box.top = static_cast<int>(draws.below(static_cast<std::uint32_t>(height - box.height + 1)));
    box.left = static_cast<int>(draws.below(static_cast<std::uint32_t>(width - box.width + 1)));
    return box;
  }
  return largest_middle_box(width, height);
}

CropBox cutout_box(int width, int height, int side, RandomStream& draws) {
  const int row = static_cast<int>(draws.below(static_cast<std::uint32_t>(height)));
  const int column = static_cast<int>(draws.below(static_cast<std::uint32_t>(width)));
  const int top = row - side / 2, left = column - side / 2;
  CropBox box{std::max(left, 0), std::max(top, 0), 0, 0};
  box.width = std::min(left + side, width) - box.left;
  box.height = std::min(top + side, height) - box.top;
  return box;
}

Augmentation::Augmentation(const AugmentOptions& options, const Preprocessing& preprocessing, int channels,
                           std::uint64_t seed)
    : options_(options),
      preprocessing_(checked(options, preprocessing, channels)),
      channels_(channels),
      seed_(seed),
      width_(preprocessing.crop_width),
      height_(preprocessing.crop_height),
      row_values_(static_cast<std::size_t>(width_) * static_cast<std::size_t>(height_) *
                  static_cast<std::size_t>(channels)),
      normalisation_(preprocessing, channels) {
  if (options.crops == Augment::kNone) return;
  const ScaledSize middle = middle_size(preprocessing);
  width_ = middle.width;
  height_ = middle.height;
}

std::size_t Augmentation::middle_bytes() const {
  return static_cast<std::size_t>(width_) * static_cast<std::size_t>(height_) *
         static_cast<std::size_t>(channels_);
}

void Augmentation::apply(const std::uint8_t* middle, std::uint32_t epoch, std::uint64_t position,
                         float* planes) const {
  const auto [box, mirror] = crop(epoch, position);
  const Preprocessing& p = preprocessing_;
  const bool scaled = box.width != p.crop_width || box.height != p.crop_height;
  // Without crops, what is kept of an image is its centre, which needs no place.
  const auto place =
      scaled || options_.crops == Augment::kNone ? std::nullopt : std::optional(Place{box.left, box.top});
  if (scaled || options_.jitter > 0)
    normalisation_.apply(view(middle, box, epoch, position).pixels.data(), p.crop_width,
                         {0, 0, p.crop_width, p.crop_height}, mirror, planes, place);
  else
    normalisation_.apply(middle, width_, box, mirror, planes, place);
  if (options_.colour > 0) change_colour(epoch, position, planes);
  if (options_.cutout > 0) cut_out(epoch, position, planes);
}

std::pair<CropBox, bool> Augmentation::crop(std::uint32_t epoch, std::uint64_t position) const {
  CropBox box{0, 0, preprocessing_.crop_width, preprocessing_.crop_height};
  if (options_.crops == Augment::kNone) return {box, false};
  const int across = width_ - box.width, down = height_ - box.height;
  if (options_.crops == Augment::kTenCrop) {
    const std::uint32_t corner = epoch % 5;
    box.left = corner == 4       ? centre(width_, box.width, preprocessing_.floor_crop)
               : corner % 2 == 0 ? 0
                                 : across;
    box.top = corner == 4 ? centre(height_, box.height, preprocessing_.floor_crop) : corner < 2 ? 0 : down;
    const bool mirror = epoch % 10 >= 5;
    if (mirror) box.left = across - box.left;  // the same place of the mirrored image, as torchvision
    return {box, mirror};
  }
  RandomStream places(seed_, Purpose::kCrop, epoch, position);
  if (options_.crops == Augment::kResized) {
    box = random_resized_box(width_, height_, options_.min_area, places);
  } else {
    box.left = static_cast<int>(places.below(static_cast<std::uint32_t>(across) + 1));
    box.top = static_cast<int>(places.below(static_cast<std::uint32_t>(down) + 1));
  }
  const bool mirror = (RandomStream(seed_, Purpose::kMirror, epoch, position).next() & 1U) != 0;
  return {box, mirror};
}

const Image& Augmentation::view(const std::uint8_t* middle, const CropBox& box, std::uint32_t epoch,
                                std::uint64_t position) const {
  thread_local Image cut, scaled;  // memory that is used again for the next image of a thread
  const auto channels = static_cast<std::size_t>(channels_);
  const std::size_t cut_bytes = static_cast<std::size_t>(box.width) * channels;
  cut.width = box.width;
  cut.height = box.height;
  cut.channels = channels_;
  cut.pixels.resize(cut_bytes * static_cast<std::size_t>(box.height));
  for (int y = 0; y < box.height; ++y)
    std::memcpy(cut.pixels.data() + static_cast<std::size_t>(y) * cut_bytes,
                middle + (static_cast<std::size_t>(box.top + y) * static_cast<std::size_t>(width_) +
                          static_cast<std::size_t>(box.left)) *
                             channels,
                cut_bytes);
  const int width = preprocessing_.crop_width, height = preprocessing_.crop_height;
  const bool fits = box.width == width && box.height == height;
  if (!fits) resample(cut, {width, height}, {0, 0, width, height}, scaled, filter_of(preprocessing_));
  Image& seen = fits ? cut : scaled;
  if (options_.jitter > 0) {
    RandomStream draws(seed_, Purpose::kJitter, epoch, position);
    ColourJitter::draw(options_.jitter, draws).apply(seen);
  }
  return seen;
}

void Augmentation::change_colour(std::uint32_t epoch, std::uint64_t position, float* planes) const {
  RandomStream draws(seed_, Purpose::kColour, epoch, position);
  std::array<float, 3> shift{};  // red, green, blue
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const float length = static_cast<float>(options_.colour) * draws.normal();
    for (std::size_t c = 0; c < 3; ++c) shift[c] += length * options_.colour_axes[3 * axis + c];
  }
  const std::size_t plane = row_values_ / 3;
  for (std::size_t c = 0; c < 3; ++c) {
    const float by = shift[preprocessing_.bgr ? 2 - c : c] / preprocessing_.stddev[c];
    for (std::size_t i = 0; i < plane; ++i) planes[c * plane + i] += by;
  }
}

void Augmentation::cut_out(std::uint32_t epoch, std::uint64_t position, float* planes) const {
  const int width = preprocessing_.crop_width, height = preprocessing_.crop_height;
  RandomStream draws(seed_, Purpose::kCutout, epoch, position);
  const CropBox box = cutout_box(width, height, options_.cutout, draws);
  for (int c = 0; c < channels_; ++c)
    for (int y = box.top; y < box.top + box.height; ++y)
      std::fill_n(planes + (static_cast<std::ptrdiff_t>(c) * height + y) * width + box.left, box.width, 0.0F);
}

}  // namespace alexnet
