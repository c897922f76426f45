// PNG by libspng. Transparency is dropped, 16 bits are cut to their upper 8, gamma is left alone: what
// Pillow's conversions do, save for 16-bit gray, which Pillow clips at 255 and so makes white.
#include <fmt/format.h>
#include <spng.h>

#include <memory>
#include <utility>

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
  if (code == SPNG_EOF || code == SPNG_IO_EOF || code == SPNG_EIDAT_TOO_SHORT)
    throw DataError(name, "is truncated: the PNG data ends too early");
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

  spng_exif exif{};
  const bool noted = spng_get_exif(context.get(), &exif) == SPNG_OK;
  return {with_channels(std::move(image), channels),
          noted ? exif_orientation(std::as_bytes(std::span(exif.data, exif.length))) : 1};
}

}  // namespace alexnet
