// Images: decoded, scaled, and prepared for a network.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "alexnet/bytes.h"
#include "alexnet/export.h"

namespace alexnet {

/// Decoded image: rows top to bottom, channels interleaved (1 gray, 3 RGB), 8 bits each.
struct Image {
  int width = 0,                     ///< in pixels
      height = 0,                    ///< in pixels
      channels = 0;                  ///< 1: gray, 3: RGB
  std::vector<std::uint8_t> pixels;  ///< height * width * channels values
};

/// Decodes one image by content (image_formats.h), the first of several: gray, palette, alpha (the colours
/// under it count), CMYK, 16 bit, EXIF or XMP orientation. The result is upright and has `channels`: 1 gray
/// (Pillow's convert("L")) or 3 RGB. DataError for anything else, and for more than `kMaxPixels` pixels.
ALEXNET_API Image load_image(const Bytes& bytes, int channels);
/// The same for a file.
ALEXNET_API Image load_image(const std::filesystem::path& path, int channels);
/// The largest image that is decoded, width * height.
inline constexpr std::int64_t kMaxPixels = 200'000'000;

/// The image in its own shape, at most `side` pixels wide and high; a smaller one stays as it is.
ALEXNET_API Image thumbnail(Image image, int side);

/// From a decoded image to the network's input.
struct Preprocessing {
  static constexpr int kLargestResize = 65'536;  ///< in pixels
  /// The short side is scaled to this, from 1 to kLargestResize, antialiased (bilinear, as Pillow).
  int resize = 256;
  /// Width of the crop that is then taken: of the centre in evaluation, at a random place in training.
  int crop_width = 227;
  /// Height of that crop.
  int crop_height = 227;
  /// Per channel, in units of pixel / 255: input = (pixel / 255 - mean) / standard deviation.
  std::vector<float> mean,
      stddev;  ///< standard deviation per channel, in units of pixel / 255
  /// Channels are blue, green, red (Caffe's models) instead of red, green, blue.
  bool bgr = false;
  bool operator==(const Preprocessing&) const = default;  ///< Compares all fields.
};

/// One image, ready for the network: scaled, centre-cropped, normalised, [channels, crop_height,
/// crop_width].
ALEXNET_API void prepare_image(const Image& image, const Preprocessing& preprocessing, std::span<float> chw);
/// Back: what the network sees of an image, as people can see it.
ALEXNET_API Image show_image(std::span<const float> chw, const Preprocessing& preprocessing);

}  // namespace alexnet
