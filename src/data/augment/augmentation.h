// What of an image is shown to the network, and how: drawn anew each time it is shown.
#pragma once

#include <array>
#include <cstdint>
#include <utility>

#include "alexnet/image.h"
#include "base/random.h"
#include "data/augment/augment_options.h"
#include "image/preparation.h"
#include "image/resample.h"

namespace alexnet {

/// The box of torchvision's RandomResizedCrop.get_params(): a fraction of the area drawn evenly from
/// `min_area` to 1, a ratio of the sides drawn evenly in its logarithm from 3/4 to 4/3, and a place drawn
/// evenly; the first of ten tries that lies within the image, or else the largest box in the middle whose
/// ratio is within these. Draws in that order: area, ratio, top, left.
CropBox random_resized_box(int width, int height, double min_area, RandomStream& draws);

/// The square of side `side` around a pixel drawn evenly from the image, as much of it as lies within
/// (DeVries and Taylor 2017, "Improved regularization of convolutional neural networks with cutout"; for even
/// sides their program's). Draws: row, column.
CropBox cutout_box(int width, int height, int side, RandomStream& draws);

/// All of that is a function of (seed, epoch, position), whatever thread asks.
class Augmentation {
 public:
  /// Of images of so many channels, prepared as `preprocessing` says. UsageError where these do not go
  /// together.
  Augmentation(const AugmentOptions& options, const Preprocessing& preprocessing, int channels,
               std::uint64_t seed);

  /// What is kept of an image until the last moment: all that any view of it may show. The middle of the
  /// scaled image.
  int middle_width() const { return width_; }
  int middle_height() const { return height_; }
  std::size_t middle_bytes() const;
  std::size_t row_values() const { return row_values_; }

  /// From those pixels to the network's input, [channels, crop_height, crop_width], of the image at a
  /// position of an epoch.
  void apply(const std::uint8_t* middle, std::uint32_t epoch, std::uint64_t position, float* planes) const;

 private:
  /// Where the crop lies, and whether it is mirrored.
  std::pair<CropBox, bool> crop(std::uint32_t epoch, std::uint64_t position) const;
  /// The pixels of a box, scaled to the crop's size where they are not, colours jittered.
  const Image& view(const std::uint8_t* middle, const CropBox& box, std::uint32_t epoch,
                    std::uint64_t position) const;
  void change_colour(std::uint32_t epoch, std::uint64_t position, float* planes) const;
  void cut_out(std::uint32_t epoch, std::uint64_t position, float* planes) const;

  AugmentOptions options_;
  Preprocessing preprocessing_;
  int channels_;
  std::uint64_t seed_;
  int width_, height_;
  std::size_t row_values_;
  Normalisation normalisation_;
};

}  // namespace alexnet
