// From a decoded image to the network's input, in two steps: scaled 8-bit pixels, then normalised floats.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "alexnet/image.h"
#include "image/resample.h"

namespace alexnet {

/// Whether an image has so many channels, a size, and as many pixels as these say.
bool is_whole(const Image& image, int channels);

/// First pixel of a part in the middle of a whole, rounded as torchvision's CenterCrop: halves to even.
int centre(int whole, int part);

/// The middle `width` x `height` pixels of the image scaled so that its short side is `resize` (more when
/// the middle would not fit otherwise).
Image scale_middle(const Image& image, int resize, int width, int height);

/// UsageError for anything but 1 or 3 channels and for sizes below 1.
void check_sizes(const Preprocessing& preprocessing, int channels);
/// The same, and for values that do not match `channels` and standard deviations that are not above 0.
void check_preprocessing(const Preprocessing& preprocessing, int channels);

/// (pixel / 255 - mean) / standard deviation by table, so that the result is the formula's, rounded once, on
/// any machine. `mean` and `stddev` are in the order of the network's channels (blue first with `bgr`).
class Normalisation {
 public:
  Normalisation(const Preprocessing& preprocessing, int channels);

  /// Reads the `box` of interleaved pixels, rows of `row_width` pixels, in one pass: crop, mirror,
  /// normalise, and split into planes [channels, box.height, box.width].
  void apply(const std::uint8_t* pixels, int row_width, const CropBox& box, bool mirror, float* planes) const;

 private:
  struct Channel {
    int offset;  // in the interleaved pixel
    std::array<float, 256> value;
  };
  std::vector<Channel> channels_;  // in the order of the network's
};

}  // namespace alexnet
