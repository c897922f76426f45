// The formats behind load_image(), one file each. Adding one means adding its reader to the list here, and a
// row to the table in image_formats.cpp.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "alexnet/image.h"
#include "alexnet/image_formats.h"

namespace alexnet {

/// An image as it lies in its file.
struct StoredImage {
  Image image;
  /// EXIF orientation, 1 (upright) to 8: which way `image` has to be turned.
  int orientation = 1;
};

/// `channels` is 1 or 3. DataError naming `name`.
using Decode = StoredImage(std::span<const std::byte> bytes, int channels, const std::string& name);
Decode decode_jpeg, decode_png, decode_webp, decode_tiff, decode_gif, decode_bmp, decode_pnm;

struct ImageDecoder {
  ImageFormat format;
  std::string_view content;  // its name in recognise_content()
  Decode* decode;
};

/// The decoder for bytes of that name in recognise_content(); null where there is none.
const ImageDecoder* find_decoder(std::string_view content);

/// An image to be filled, allocated only when the size that the header claims can be trusted: at most
/// kMaxPixels, and `bytes` could hold it, given that its format packs at most `max_pixels_per_byte`.
/// DataError otherwise.
Image new_image(std::int64_t width, std::int64_t height, int channels, std::size_t bytes,
                double max_pixels_per_byte, const std::string& name);
/// The checks of new_image() alone.
void check_size(std::int64_t width, std::int64_t height, std::size_t bytes, double max_pixels_per_byte,
                const std::string& name);

/// DataError for a file of that format which ends too early.
[[noreturn]] void throw_truncated(const std::string& name, std::string_view format);

/// Pillow's RGB -> L: ITU-R 601-2 luma in 16-bit fixed point.
inline std::uint8_t luma(unsigned red, unsigned green, unsigned blue) {
  return static_cast<std::uint8_t>((red * 19595 + green * 38470 + blue * 7471 + 0x8000) >> 16);
}

/// `gray[i]` of `count` RGB pixels; the two may start at the same place.
void rgb_to_gray(const std::uint8_t* rgb, std::size_t count, std::uint8_t* gray);
/// `rgb` of `count` pixels of inks, as Pillow converts them: white less ink, less key.
void cmyk_to_rgb(const std::uint8_t* cmyk, std::size_t count, std::uint8_t* rgb);
/// `image`, RGB, with `channels`.
Image with_channels(Image image, int channels);
/// Writes pixels of 1 or 3 channels to (x, y) and to the right of it, in the channels that `image` has.
void put_pixels(Image& image, int x, int y, std::span<const std::uint8_t> pixels, int channels);

/// The orientation in the notes of a file, 1 to 8: EXIF's, or XMP's where EXIF has none; 1 where neither has
/// one or both are broken: an image with a bad note about itself is still an image. `exif` is a TIFF
/// structure, which "Exif\0\0" may precede.
int noted_orientation(std::span<const std::byte> exif, std::string_view xmp);

/// `image` turned upright.
Image apply_orientation(Image image, int orientation);

}  // namespace alexnet
