// PNG by libspng. Transparency is dropped, 16 bits are cut to their upper 8, gamma is left alone: what
// Pillow's conversions do, save for 16-bit gray, which Pillow clips at 255 and so makes white.
#include <fmt/format.h>
#include <spng.h>

#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "alexnet/error.h"
#include "image/decode_formats.h"

namespace alexnet {
namespace {

// Deflate packs 1032 bytes into one at most.
constexpr double kMaxDeflation = 1032;
constexpr std::size_t kMaxMetadata = std::size_t{64} << 20;

struct FreeContext {
  void operator()(spng_ctx* context) const { spng_ctx_free(context); }
};

void check(int code, const std::string& name) {
  if (code == SPNG_OK) return;
  if (code == SPNG_EOF || code == SPNG_IO_EOF || code == SPNG_EIDAT_TOO_SHORT) throw_truncated(name, "PNG");
  if (code == SPNG_EMEM) throw DeviceError(name, "not enough memory to decode it");
  throw DataError(name, fmt::format("is a broken PNG ({})", spng_strerror(code)));
}

int samples_per_pixel(std::uint8_t color_type) {
  switch (color_type) {
    case SPNG_COLOR_TYPE_TRUECOLOR:
      return 3;
    case SPNG_COLOR_TYPE_GRAYSCALE_ALPHA:
      return 2;
    case SPNG_COLOR_TYPE_TRUECOLOR_ALPHA:
      return 4;
    default:
      return 1;
  }
}

std::vector<spng_text> texts_of(spng_ctx* context) {
  std::uint32_t count = 0;
  if (spng_get_text(context, nullptr, &count) != SPNG_OK) return {};
  std::vector<spng_text> texts(count);
  if (spng_get_text(context, texts.data(), &count) != SPNG_OK) return {};
  return texts;
}

/// The bytes of a profile that ImageMagick stored as text: three lines about it, then hexadecimal digits.
std::string raw_profile(std::string_view text) {
  for (int line = 0; line < 3; ++line) {
    const std::size_t end = text.find('\n');
    if (end == std::string_view::npos) return {};
    text.remove_prefix(end + 1);
  }
  std::string bytes;
  int digits = 0;
  for (const char c : text) {
    const std::size_t digit = std::string_view("0123456789abcdef").find(static_cast<char>(c | 0x20));
    if (digit == std::string_view::npos) continue;
    if (digits++ % 2 == 0)
      bytes += static_cast<char>(digit << 4);
    else
      bytes.back() = static_cast<char>(bytes.back() | static_cast<char>(digit));
  }
  return bytes;
}

// EXIF is a chunk of its own in new files and a text in older ones, XMP a text.
int orientation_of(spng_ctx* context) {
  std::string exif, profile;
  std::string_view xmp;
  for (const spng_text& text : texts_of(context)) {
    const std::string_view keyword(text.keyword), value(text.text, text.length);
    if (keyword == "Raw profile type exif") profile = raw_profile(value);
    if (keyword == "XML:com.adobe.xmp") xmp = value;
  }
  spng_exif chunk{};
  if (spng_get_exif(context, &chunk) == SPNG_OK)
    exif.assign(chunk.data, chunk.length);
  else
    exif = std::move(profile);
  return noted_orientation(std::as_bytes(std::span(exif)), xmp);
}

}  // namespace

StoredImage decode_png(std::span<const std::byte> bytes, int channels, const std::string& name) {
  const std::unique_ptr<spng_ctx, FreeContext> context(spng_ctx_new(0));
  if (context == nullptr) throw DeviceError(name, "not enough memory to decode it");
  check(spng_set_png_buffer(context.get(), bytes.data(), bytes.size()), name);
  check(spng_set_chunk_limits(context.get(), kMaxMetadata, kMaxMetadata), name);
  spng_ihdr header{};
  check(spng_get_ihdr(context.get(), &header), name);
  const int bits = header.bit_depth * samples_per_pixel(header.color_type);
  Image image = new_image(header.width, header.height, 3, bytes.size(), kMaxDeflation * 8 / bits, name);
  check(spng_decode_image(context.get(), image.pixels.data(), image.pixels.size(), SPNG_FMT_RGB8, 0), name);
  const int orientation = orientation_of(context.get());
  return {with_channels(std::move(image), channels), orientation};
}

}  // namespace alexnet
