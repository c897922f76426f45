// From the bytes of an image file to upright 8-bit pixels, the same ones Pillow gives.
#include <fmt/format.h>

#include <array>
#include <string_view>
#include <utility>

#include "alexnet/error.h"
#include "alexnet/image.h"
#include "base/content.h"
#include "base/file.h"
#include "image/decode_formats.h"

namespace alexnet {
namespace {

using Decoder = StoredImage (*)(std::span<const std::byte>, int, const std::string&);

struct Format {
  std::size_t offset;  // where the magic bytes are
  std::string_view magic;
  Decoder decode;
};

using namespace std::string_view_literals;

constexpr std::array kFormats{Format{0, "\xff\xd8\xff"sv, decode_jpeg},
                              Format{0, "\x89PNG\r\n\x1a\n"sv, decode_png}, Format{8, "WEBP"sv, decode_webp}};

Decoder find_decoder(std::string_view content) {
  for (const Format& format : kFormats)
    if (content.size() >= format.offset && content.substr(format.offset).starts_with(format.magic))
      return format.decode;
  return nullptr;
}

}  // namespace

Image new_image(std::int64_t width, std::int64_t height, int channels, std::size_t bytes,
                double max_pixels_per_byte, const std::string& name) {
  const std::int64_t pixels = width * height;
  if (width <= 0 || height <= 0)
    throw DataError(name, fmt::format("is broken: its size is {} x {}", width, height));
  if (pixels > kMaxPixels)
    throw DataError(name,
                    fmt::format("has {} x {} pixels, more than the {} million that are accepted", width,
                                height, kMaxPixels / 1'000'000),
                    "make it smaller");
  if (static_cast<double>(pixels) > static_cast<double>(bytes) * max_pixels_per_byte)
    throw DataError(name,
                    fmt::format("is truncated: {} bytes cannot hold {} x {} pixels", bytes, width, height));
  Image image{static_cast<int>(width), static_cast<int>(height), channels, {}};
  image.pixels.resize(static_cast<std::size_t>(pixels) * static_cast<std::size_t>(channels));
  return image;
}

void rgb_to_gray(const std::uint8_t* rgb, std::size_t count, std::uint8_t* gray) {
  for (std::size_t i = 0; i < count; ++i) gray[i] = luma(rgb[3 * i], rgb[3 * i + 1], rgb[3 * i + 2]);
}

Image with_channels(Image image, int channels) {
  if (image.channels == channels) return image;
  const std::size_t count = image.pixels.size() / 3;
  rgb_to_gray(image.pixels.data(), count, image.pixels.data());
  image.pixels.resize(count);
  image.channels = 1;
  return image;
}

Image load_image(const Bytes& bytes, int channels) {
  const std::string& name = bytes.name;
  if (channels != 1 && channels != 3)
    throw UsageError(name, fmt::format("images have 1 or 3 channels, not {}", channels));
  if (bytes.data.empty()) throw DataError(name, "is empty");
  const std::string_view content(reinterpret_cast<const char*>(bytes.data.data()), bytes.data.size());
  if (const Decoder decode = find_decoder(content)) {
    StoredImage stored = decode(bytes.data, channels, name);
    return apply_orientation(std::move(stored.image), stored.orientation);
  }
  const std::string_view other = describe_content(bytes.data);
  throw DataError(name,
                  "is not a JPEG, PNG or WebP image" + (other.empty() ? "" : fmt::format(" but {}", other)));
}

Image load_image(const std::filesystem::path& path, int channels) {
  return load_image(Bytes::own(path.string(), read_file(path)), channels);
}

}  // namespace alexnet
