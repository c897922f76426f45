// EXIF orientation: finding it, and turning images by it.
#include <algorithm>
#include <optional>
#include <utility>

#include "image/decode_formats.h"

namespace alexnet {
namespace {

// Reads numbers of a TIFF structure in its byte order, never beyond its end.
class TiffReader {
 public:
  explicit TiffReader(std::span<const std::byte> bytes) : bytes_(bytes) {}

  void set_big_endian(bool big) { big_endian_ = big; }

  /// `count` bytes at `offset` as a number; nothing when they are not there.
  std::optional<std::uint32_t> number(std::size_t offset, std::size_t count) const {
    if (offset > bytes_.size() || bytes_.size() - offset < count) return std::nullopt;
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t at = big_endian_ ? offset + i : offset + count - 1 - i;
      value = value << 8 | std::to_integer<std::uint32_t>(bytes_[at]);
    }
    return value;
  }

 private:
  std::span<const std::byte> bytes_;
  bool big_endian_ = true;
};

}  // namespace

// TIFF 6.0, section 2: "II" or "MM", 42, the offset of a directory; there a count and 12-byte entries of
// tag, type, count, value.
int exif_orientation(std::span<const std::byte> exif) {
  constexpr std::uint32_t kLittleEndian = 0x4949, kBigEndian = 0x4d4d, kMagic = 42;
  constexpr std::uint32_t kOrientationTag = 0x0112, kLong = 4;  // the type should be SHORT
  TiffReader tiff(exif);
  const auto order = tiff.number(0, 2);
  if (order != kLittleEndian && order != kBigEndian) return 1;
  tiff.set_big_endian(order == kBigEndian);
  if (tiff.number(2, 2) != kMagic) return 1;
  const std::size_t directory = tiff.number(4, 4).value_or(0);
  const std::uint32_t entries = tiff.number(directory, 2).value_or(0);
  for (std::uint32_t i = 0; i < entries; ++i) {
    const std::size_t entry = directory + 2 + std::size_t{12} * i;
    const auto tag = tiff.number(entry, 2);
    if (!tag) return 1;
    if (tag != kOrientationTag) continue;
    const std::size_t size = tiff.number(entry + 2, 2) == kLong ? 4 : 2;
    const std::uint32_t value = tiff.number(entry + 8, size).value_or(1);
    return value >= 1 && value <= 8 ? static_cast<int>(value) : 1;
  }
  return 1;
}

Image apply_orientation(Image image, int orientation) {
  if (orientation <= 1 || orientation > 8) return image;
  // EXIF 2.32, 4.6.4 A: which corner of the scene the first stored pixel is, and whether rows are columns.
  const bool transposed = orientation >= 5;
  const bool from_right = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
  const bool from_bottom = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
  const std::ptrdiff_t channels = image.channels, width = image.width, height = image.height;
  // Steps through the stored image for one step right and one step down in the upright one.
  const std::ptrdiff_t along_row = from_right ? -channels : channels;
  const std::ptrdiff_t along_column = (from_bottom ? -width : width) * channels;
  const std::ptrdiff_t start =
      ((from_bottom ? height - 1 : 0) * width + (from_right ? width - 1 : 0)) * channels;
  const std::ptrdiff_t right = transposed ? along_column : along_row;
  const std::ptrdiff_t down = transposed ? along_row : along_column;

  Image upright{image.width, image.height, image.channels, {}};
  if (transposed) std::swap(upright.width, upright.height);
  upright.pixels.resize(image.pixels.size());
  constexpr int kTile = 64;  // so that a turned image is read a tile, not a column, at a time
  for (int top = 0; top < upright.height; top += kTile)
    for (int left = 0; left < upright.width; left += kTile)
      for (int y = top; y < std::min(top + kTile, upright.height); ++y) {
        std::uint8_t* to = upright.pixels.data() + (std::ptrdiff_t{y} * upright.width + left) * channels;
        for (int x = left; x < std::min(left + kTile, upright.width); ++x, to += channels)
          std::copy_n(image.pixels.data() + start + y * down + x * right, channels, to);
      }
  return upright;
}

}  // namespace alexnet
