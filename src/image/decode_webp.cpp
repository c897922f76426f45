// WebP by libwebp. Transparency is dropped.
#include <webp/decode.h>

#include <limits>
#include <string_view>
#include <utility>

#include "alexnet/error.h"
#include "image/decode_formats.h"

namespace alexnet {
namespace {

// A lossless image of one colour takes no bytes per pixel: a file's length says nothing.
constexpr double kAnySize = std::numeric_limits<double>::infinity();

[[noreturn]] void fail(VP8StatusCode status, const std::string& name) {
  switch (status) {
    case VP8_STATUS_NOT_ENOUGH_DATA:
    case VP8_STATUS_SUSPENDED:
      throw DataError(name, "is truncated: the WebP data ends too early");
    case VP8_STATUS_OUT_OF_MEMORY:
      throw DeviceError(name, "not enough memory to decode it");
    default:
      throw DataError(name, "is a broken WebP");
  }
}

// RIFF: after 12 bytes of header, chunks of a name, a length in little endian, and the data, padded to be
// even.
std::span<const std::byte> find_exif(std::span<const std::byte> bytes) {
  constexpr std::size_t kHead = 8;
  std::size_t at = 12;
  while (at < bytes.size() && bytes.size() - at >= kHead) {
    std::size_t length = 0;
    for (std::size_t i = 0; i < 4; ++i) length |= std::to_integer<std::size_t>(bytes[at + 4 + i]) << (8 * i);
    const std::string_view chunk(reinterpret_cast<const char*>(&bytes[at]), 4);
    const std::span<const std::byte> rest = bytes.subspan(at + kHead);
    if (length > rest.size()) return {};
    if (chunk == "EXIF") {
      const std::string_view data(reinterpret_cast<const char*>(rest.data()), length);
      constexpr std::string_view kPrefix("Exif\0\0", 6);  // some writers copy it from JPEG
      const std::size_t skip = data.starts_with(kPrefix) ? kPrefix.size() : 0;
      return rest.subspan(skip, length - skip);
    }
    at += kHead + length + length % 2;
  }
  return {};
}

}  // namespace

StoredImage decode_webp(std::span<const std::byte> bytes, int channels, const std::string& name) {
  const auto* data = reinterpret_cast<const std::uint8_t*>(bytes.data());
  WebPDecoderConfig config;
  if (WebPInitDecoderConfig(&config) == 0)
    throw DeviceError(name, "cannot be decoded: the installed libwebp is not the one this was built with");
  const VP8StatusCode header = WebPGetFeatures(data, bytes.size(), &config.input);
  if (header != VP8_STATUS_OK) fail(header, name);
  if (config.input.has_animation != 0) throw DataError(name, "is an animated WebP", "save one of its images");

  Image image = new_image(config.input.width, config.input.height, 3, bytes.size(), kAnySize, name);
  config.output.colorspace = MODE_RGB;
  config.output.is_external_memory = 1;
  config.output.u.RGBA = {image.pixels.data(), 3 * image.width, image.pixels.size()};
  const VP8StatusCode status = WebPDecode(data, bytes.size(), &config);
  if (status != VP8_STATUS_OK) fail(status, name);
  return {with_channels(std::move(image), channels), exif_orientation(find_exif(bytes))};
}

}  // namespace alexnet
