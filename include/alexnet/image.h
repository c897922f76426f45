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
#include "alexnet/tensor.h"

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

/// The size that images are scaled to. One number stands for the length of the short side: `.resize = 256`.
struct Resize {
  int height = 256;         ///< in pixels
  int width = 256;          ///< in pixels
  bool keeps_shape = true;  ///< `height` and `width` are equal, and the length of the short side
  /// The short side.
  constexpr Resize(int short_side = 256) : height(short_side), width(short_side) {}
  /// Both sides, whatever the shape of the image.
  constexpr Resize(int rows, int columns) : height(rows), width(columns), keeps_shape(false) {}
  /// The shorter of both sides.
  constexpr int short_side() const { return height < width ? height : width; }
  bool operator==(const Resize&) const = default;  ///< Compares all fields.
};
/// "256", the short side; "256x300", width x height.
ALEXNET_API std::string to_string(const Resize& resize);

/// What a pixel of a scaled image is computed from.
enum class Interpolation {
  kNearest,   ///< the pixel under its centre (Pillow; PyTorch's "nearest-exact"), antialiased or not
  kBilinear,  ///< two pixels on each axis, and all that it covers if antialiased
  kBicubic    ///< four pixels on each axis, a = -0.75; if antialiased, all that it covers, a = -0.5
};
/// "bilinear".
ALEXNET_API std::string to_string(Interpolation interpolation);

/// Compares shapes and values, wherever these are stored.
ALEXNET_API bool operator==(const TensorView& a, const TensorView& b);

/// From a decoded image to the network's input.
struct Preprocessing {
  static constexpr int kLargestResize = 65'536;  ///< in pixels
  /// The size that the image is scaled to, sides from 1 to kLargestResize.
  Resize resize{};
  /// Width of the crop that is then taken: of the centre in evaluation, at a random place in training.
  int crop_width = 227;
  /// Height of that crop.
  int crop_height = 227;
  /// Per channel, in units of pixel / 255: input = (pixel / 255 - mean) / standard deviation.
  std::vector<float> mean,
      stddev;  ///< standard deviation per channel, in units of pixel / 255
  /// Channels are blue, green, red (Caffe's models) instead of red, green, blue.
  bool bgr = false;
  /// How the image is scaled.
  Interpolation interpolation = Interpolation::kBilinear;
  /// A pixel of a smaller image is computed from all pixels that it covers (Pillow), not only from those
  /// around its centre (OpenCV; PyTorch's antialias=False).
  bool antialias = true;
  /// Where the rest beside the centre crop is odd, its smaller half lies before the crop (Caffe, Keras).
  /// False: the half that is even (torchvision).
  bool floor_crop = false;
  /// Means of single pixels instead of `mean`, which has their averages: [channels, height, width] in the
  /// order of the network's channels, in units of pixel / 255. Of the size of the crop, or of `resize`, then
  /// subtracted at the place of the crop. No values: none.
  TensorView mean_image{};
  bool operator==(const Preprocessing&) const = default;  ///< Compares all fields.
};

/// One image, ready for the network: scaled, centre-cropped, normalised, [channels, crop_height,
/// crop_width].
ALEXNET_API void prepare_image(const Image& image, const Preprocessing& preprocessing, std::span<float> chw);
/// Back: what the network sees of an image, as people can see it. Of a mean image, the centre is taken.
ALEXNET_API Image show_image(std::span<const float> chw, const Preprocessing& preprocessing);

}  // namespace alexnet
