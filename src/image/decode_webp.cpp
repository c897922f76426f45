// WebP by libwebp. Transparency is dropped. Of an animation the first image is taken.
#include <webp/decode.h>

#include <limits>
#include <string_view>
#include <utility>

#include "alexnet/error.h"
#include "base/byte_order.h"
#include "image/decode_formats.h"

namespace alexnet {
namespace {

// A lossless image of one colour takes no bytes per pixel: a file's length says nothing.
constexpr double kAnySize = std::numeric_limits<double>::infinity();

[[noreturn]] void fail(VP8StatusCode status, const std::string& name) {
  switch (status) {
    case VP8_STATUS_NOT_ENOUGH_DATA:
    case VP8_STATUS_SUSPENDED:
      throw_truncated(name, "WebP");
    case VP8_STATUS_OUT_OF_MEMORY:
      throw DeviceError(name, "not enough memory to decode it");
    default:
      throw DataError(name, "is a broken WebP");
  }
}

/// The data of a chunk; empty when there is none, or when it is cut short. RIFF: after 12 bytes of header,
/// chunks of a name, a length in little endian, and the data, padded to be even.
std::span<const std::byte> find_chunk(std::span<const std::byte> file, std::string_view name) {
  constexpr std::size_t kHead = 8;
  std::size_t at = 12;
  while (at < file.size() && file.size() - at >= kHead) {
    const std::size_t length = *read_number(file, at + 4, 4, std::endian::little);
    const std::span<const std::byte> rest = file.subspan(at + kHead);
    if (length > rest.size()) return {};
    if (std::string_view(reinterpret_cast<const char*>(&file[at]), 4) == name) return rest.first(length);
    at += kHead + length + length % 2;
  }
  return {};
}

/// Where an image of an animation lies on its canvas, and its data.
struct Frame {
  int left = 0, top = 0, width = 0, height = 0;
  std::span<const std::byte> data;
};

// The chunk ANMF: 3 bytes each for half the left, half the top, the width - 1, the height - 1 and the
// duration, a byte of flags, and the chunks of one image.
Frame first_frame(std::span<const std::byte> file, const std::string& name) {
  constexpr std::size_t kHead = 16;
  const std::span<const std::byte> chunk = find_chunk(file, "ANMF");
  if (chunk.size() < kHead) throw_truncated(name, "WebP");
  const auto number = [&](std::size_t i) {
    return static_cast<int>(*read_number(chunk, 3 * i, 3, std::endian::little));
  };
  return {2 * number(0), 2 * number(1), number(2) + 1, number(3) + 1, chunk.subspan(kHead)};
}

/// Decodes into the part of `image` that belongs to the frame.
void decode(const Frame& frame, Image& image, const std::string& name) {
  const auto* data = reinterpret_cast<const std::uint8_t*>(frame.data.data());
  WebPDecoderConfig config;
  if (WebPInitDecoderConfig(&config) == 0)
    throw DeviceError(name, "cannot be decoded: the installed libwebp is not the one this was built with");
  const VP8StatusCode header = WebPGetFeatures(data, frame.data.size(), &config.input);
  if (header != VP8_STATUS_OK) fail(header, name);
  if (config.input.width != frame.width || config.input.height != frame.height || frame.left < 0 ||
      frame.left > image.width - frame.width || frame.top > image.height - frame.height)
    throw DataError(name, "is a broken WebP");
  const std::ptrdiff_t before = (std::ptrdiff_t{frame.top} * image.width + frame.left) * 3;
  config.output.colorspace = MODE_RGB;
  config.output.is_external_memory = 1;
  config.output.u.RGBA = {image.pixels.data() + before, 3 * image.width,
                          image.pixels.size() - static_cast<std::size_t>(before)};
  const VP8StatusCode status = WebPDecode(data, frame.data.size(), &config);
  if (status != VP8_STATUS_OK) fail(status, name);
}

}  // namespace

StoredImage decode_webp(std::span<const std::byte> bytes, int channels, const std::string& name) {
  WebPBitstreamFeatures file;
  const VP8StatusCode header =
      WebPGetFeatures(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size(), &file);
  if (header != VP8_STATUS_OK) fail(header, name);
  Image image = new_image(file.width, file.height, 3, bytes.size(), kAnySize, name);
  decode(file.has_animation != 0 ? first_frame(bytes, name) : Frame{0, 0, file.width, file.height, bytes},
         image, name);
  const std::span<const std::byte> xmp = find_chunk(bytes, "XMP ");
  const int orientation =
      noted_orientation(find_chunk(bytes, "EXIF"), {reinterpret_cast<const char*>(xmp.data()), xmp.size()});
  return {with_channels(std::move(image), channels), orientation};
}

}  // namespace alexnet
