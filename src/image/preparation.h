// From a decoded image to the network's input, in two steps: scaled 8-bit pixels, then normalised floats.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "alexnet/image.h"
#include "image/resample.h"

namespace alexnet {

/// Whether an image has so many channels, a size, and as many pixels as these say.
bool is_whole(const Image& image, int channels);

/// First pixel of a part in the middle of a whole. Halves are rounded to even as torchvision's CenterCrop
/// does, or down as Caffe does.
int centre(int whole, int part, bool floor);

/// The middle `width` x `height` pixels of the image scaled as `steps` say (to more when the middle would not
/// fit otherwise).
Image scale_middle(const Image& image, const Preprocessing& steps, int width, int height);

/// None for a text that to_string() does not give.
std::optional<Interpolation> interpolation_from_string(std::string_view text);

/// Of the part of a scaled image that crops may lie in wherever it is cropped at random, and that a mean
/// image covers: `resize` on both sides, or the crop where this is larger.
ScaledSize middle_size(const Preprocessing& preprocessing);

/// Filter of the scaling.
Filter filter_of(const Preprocessing& preprocessing);

/// Whether there is no mean image, or one of the size of the crop or of middle_size().
bool mean_image_fits(const Preprocessing& preprocessing, int channels);

/// UsageError for anything but 1 or 3 channels, for sizes below 1, and for an image that is scaled to less
/// than the crop whatever its shape.
void check_sizes(const Preprocessing& preprocessing, int channels);
/// The same, and for values that do not match `channels` and standard deviations that are not above 0.
void check_preprocessing(const Preprocessing& preprocessing, int channels);

/// A pixel of the middle.
struct Place {
  int left = 0, top = 0;
};

/// (pixel / 255 - mean) / standard deviation by table, so that the result is the formula's, rounded once, on
/// any machine. `mean` and `stddev` are in the order of the network's channels (blue first with `bgr`).
class Normalisation {
 public:
  Normalisation(const Preprocessing& preprocessing, int channels);

  /// Reads the `box` of interleaved pixels, rows of `row_width` pixels, in one pass: crop, mirror,
  /// normalise, and split into planes [channels, box.height, box.width]. `place` is that of the crop in the
  /// middle (middle_size()); none: its centre. Only a mean image of that size depends on it.
  void apply(const std::uint8_t* pixels, int row_width, const CropBox& box, bool mirror, float* planes,
             const std::optional<Place>& place = std::nullopt) const;

 private:
  void subtract_image(const std::uint8_t* pixels, int row_width, const CropBox& box, bool mirror,
                      float* planes, const Place& place) const;

  struct Channel {
    int offset;  // in the interleaved pixel
    std::array<float, 256> value;
  };
  std::vector<Channel> channels_;  // in the order of the network's
  TensorView mean_image_;          // no values: none
  bool is_of_middle_ = false;      // the mean image has the size of the middle, not of the crop
  Place centre_;                   // of the crop in the middle
  std::vector<float> stddev_;
};

/// The mean image of the crop in the centre; no values: there is none.
TensorView mean_of_centre(const Preprocessing& preprocessing);

}  // namespace alexnet
