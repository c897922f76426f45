// The formats behind load_image(), one file each: adding one means adding its reader here and its first
// bytes to decode.cpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "alexnet/image.h"

namespace alexnet {

/// An image as it lies in its file.
struct StoredImage {
  Image image;
  /// EXIF orientation, 1 (upright) to 8: which way `image` has to be turned.
  int orientation = 1;
};

/// `channels` is 1 or 3. DataError naming `name`.
StoredImage decode_jpeg(std::span<const std::byte> bytes, int channels, const std::string& name);
StoredImage decode_png(std::span<const std::byte> bytes, int channels, const std::string& name);
StoredImage decode_webp(std::span<const std::byte> bytes, int channels, const std::string& name);

/// An image to be filled, allocated only when the size that the header claims can be trusted: at most
/// kMaxPixels, and `bytes` could hold it, given that its format packs at most `max_pixels_per_byte`.
/// DataError otherwise.
Image new_image(std::int64_t width, std::int64_t height, int channels, std::size_t bytes,
                double max_pixels_per_byte, const std::string& name);

/// Pillow's RGB -> L: ITU-R 601-2 luma in 16-bit fixed point.
inline std::uint8_t luma(unsigned red, unsigned green, unsigned blue) {
  return static_cast<std::uint8_t>((red * 19595 + green * 38470 + blue * 7471 + 0x8000) >> 16);
}

/// `gray[i]` of `count` RGB pixels; the two may start at the same place.
void rgb_to_gray(const std::uint8_t* rgb, std::size_t count, std::uint8_t* gray);
/// `image`, RGB, with `channels`.
Image with_channels(Image image, int channels);

/// Orientation from the TIFF structure that EXIF is; 1 when it has none or is broken: an image with a bad
/// note about itself is still an image.
int exif_orientation(std::span<const std::byte> exif);

/// `image` turned upright.
Image apply_orientation(Image image, int orientation);

}  // namespace alexnet
