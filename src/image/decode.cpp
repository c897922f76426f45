// From the bytes of an image file to upright 8-bit pixels, the same ones Pillow gives.
#include <fmt/format.h>

#include <string_view>
#include <utility>

#include "alexnet/error.h"
#include "alexnet/image.h"
#include "base/content.h"
#include "base/file.h"
#include "image/decode_formats.h"

namespace alexnet {
namespace {

[[noreturn]] void refuse(const Content& content, const std::string& name) {
  if (content.type != ContentType::kOther)
    throw DataError(name, fmt::format("is {}, which this program does not read", content.name),
                    "convert it to JPEG or PNG");
  throw DataError(name, fmt::format("is not a {} image{}{}", image_format_names(),
                                    content.name.empty() ? "" : " but ", content.name));
}

}  // namespace

void check_size(std::int64_t width, std::int64_t height, std::size_t bytes, double max_pixels_per_byte,
                const std::string& name) {
  if (width <= 0 || height <= 0)
    throw DataError(name, fmt::format("is broken: its size is {} x {}", width, height));
  if (width > kMaxPixels || height > kMaxPixels || width * height > kMaxPixels)
    throw DataError(name,
                    fmt::format("has {} x {} pixels, more than the {} million that are accepted", width,
                                height, kMaxPixels / 1'000'000),
                    "make it smaller");
  if (static_cast<double>(width * height) > static_cast<double>(bytes) * max_pixels_per_byte)
    throw DataError(name,
                    fmt::format("is truncated: {} bytes cannot hold {} x {} pixels", bytes, width, height));
}

Image new_image(std::int64_t width, std::int64_t height, int channels, std::size_t bytes,
                double max_pixels_per_byte, const std::string& name) {
  check_size(width, height, bytes, max_pixels_per_byte, name);
  Image image{static_cast<int>(width), static_cast<int>(height), channels, {}};
  image.pixels.resize(static_cast<std::size_t>(width * height) * static_cast<std::size_t>(channels));
  return image;
}

void throw_truncated(const std::string& name, std::string_view format) {
  throw DataError(name, fmt::format("is truncated: the {} data ends too early", format));
}

Image load_image(const Bytes& bytes, int channels) {
  const std::string& name = bytes.name;
  if (channels != 1 && channels != 3)
    throw UsageError(name, fmt::format("images have 1 or 3 channels, not {}", channels));
  if (bytes.data.empty()) throw DataError(name, "is empty");
  const Content content = recognise_content(bytes.data);
  const ImageDecoder* decoder = find_decoder(content.name);
  if (decoder == nullptr) refuse(content, name);
  StoredImage stored = decoder->decode(bytes.data, channels, name);
  return apply_orientation(std::move(stored.image), stored.orientation);
}

Image load_image(const std::filesystem::path& path, int channels) {
  return load_image(Bytes::own(path.string(), read_file(path)), channels);
}

}  // namespace alexnet
