// The orientation of an image: finding it in the notes of a file, and turning images by it.
#include <algorithm>
#include <optional>
#include <utility>

#include "base/tiff_directory.h"
#include "image/decode_formats.h"

namespace alexnet {
namespace {

constexpr std::string_view kExifPrefix("Exif\0\0", 6);  // JPEG's, which some writers copy to other formats

std::optional<std::uint32_t> exif_orientation(std::span<const std::byte> exif) {
  constexpr std::uint16_t kOrientation = 0x0112;
  while (std::string_view(reinterpret_cast<const char*>(exif.data()), exif.size()).starts_with(kExifPrefix))
    exif = exif.subspan(kExifPrefix.size());
  return TiffDirectory(exif).value(kOrientation);
}

// As an attribute or as an element, found as Pillow finds it, without a parser.
std::optional<std::uint32_t> xmp_orientation(std::string_view xmp) {
  constexpr std::string_view kName = "tiff:Orientation";
  for (std::size_t at = xmp.find(kName); at != std::string_view::npos; at = xmp.find(kName, at + 1)) {
    std::string_view rest = xmp.substr(at + kName.size());
    const std::size_t before = rest.starts_with("=\"") ? 2 : rest.starts_with(">") ? 1 : 0;
    rest.remove_prefix(before);
    if (before > 0 && !rest.empty() && rest[0] >= '0' && rest[0] <= '9')
      return static_cast<std::uint32_t>(rest[0] - '0');
  }
  return std::nullopt;
}

}  // namespace

int noted_orientation(std::span<const std::byte> exif, std::string_view xmp) {
  std::optional<std::uint32_t> value = exif_orientation(exif);
  if (!value) value = xmp_orientation(xmp);
  return value && *value >= 1 && *value <= 8 ? static_cast<int>(*value) : 1;
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
