// From the bytes of a picture file to upright 8-bit pixels, the same ones Pillow gives.
#include <fmt/format.h>

#include <array>
#include <string_view>
#include <utility>

#include "alexnet/error.h"
#include "alexnet/image.h"
#include "base/file.h"
#include "image/decode_formats.h"

namespace alexnet {
namespace {

using Decoder = StoredImage (*)(std::span<const std::byte>, int, const std::string&);

struct Format {
  std::string_view name;
  std::size_t offset;  // where the magic bytes are
  std::string_view magic;
  Decoder decode;  // null: known by name only
};

using namespace std::string_view_literals;

constexpr std::array kFormats{
    Format{"JPEG", 0, "\xff\xd8\xff"sv, decode_jpeg},
    Format{"PNG", 0, "\x89PNG\r\n\x1a\n"sv, decode_png},
    Format{"WebP", 8, "WEBP"sv, decode_webp},
    Format{"a GIF picture", 0, "GIF8"sv, nullptr},
    Format{"a BMP picture", 0, "BM"sv, nullptr},
    Format{"a TIFF picture", 0, "II*\0"sv, nullptr},
    Format{"a TIFF picture", 0, "MM\0*"sv, nullptr},
    Format{"an AVIF picture", 4, "ftypavif"sv, nullptr},
    Format{"a HEIC picture", 4, "ftyphei"sv, nullptr},
    Format{"a HEIC picture", 4, "ftypmif1"sv, nullptr},
    Format{"a film", 4, "ftyp"sv, nullptr},
    Format{"a JPEG 2000 picture", 4, "jP  \r\n\x87\n"sv, nullptr},
    Format{"a JPEG XL picture", 0, "\xff\x0a"sv, nullptr},
    Format{"a JPEG XL picture", 4, "JXL \r\n\x87\n"sv, nullptr},
    Format{"a Photoshop document", 0, "8BPS"sv, nullptr},
    Format{"a PDF document", 0, "%PDF"sv, nullptr},
    Format{"a zip archive", 0, "PK\x03\x04"sv, nullptr},
    Format{"a gzip archive", 0, "\x1f\x8b"sv, nullptr},
};

const Format* find_format(std::string_view content) {
  for (const Format& format : kFormats)
    if (content.size() >= format.offset && content.substr(format.offset).starts_with(format.magic))
      return &format;
  return nullptr;
}

// "HTML" and "text" tell a failed download from a damaged picture.
std::string_view describe_other(std::string_view content) {
  const std::string_view start = content.substr(0, 512);
  std::size_t plain = 0;
  for (const char c : start) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 || byte == '\t' || byte == '\n' || byte == '\r') ++plain;
  }
  if (plain != start.size()) return {};
  const std::size_t first = start.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos || start[first] != '<') return "text";
  for (const std::string_view tag : {"<!DOCTYPE html"sv, "<!doctype html"sv, "<html"sv, "<HTML"sv})
    if (start.substr(first).starts_with(tag)) return "an HTML page";
  return start.find("<svg") != std::string_view::npos ? "an SVG drawing" : "XML text";
}

}  // namespace

Image new_image(std::int64_t width, std::int64_t height, int channels, std::size_t bytes,
                double most_pixels_per_byte, const std::string& name) {
  const std::int64_t pixels = width * height;
  if (width <= 0 || height <= 0)
    throw DataError(name, fmt::format("is broken: its size is {} x {}", width, height));
  if (pixels > kMaxPixels)
    throw DataError(name,
                    fmt::format("has {} x {} pixels, more than the {} million that are accepted", width,
                                height, kMaxPixels / 1'000'000),
                    "make it smaller");
  if (static_cast<double>(pixels) > static_cast<double>(bytes) * most_pixels_per_byte)
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
    throw UsageError(name, fmt::format("pictures have 1 or 3 channels, not {}", channels));
  if (bytes.data.empty()) throw DataError(name, "is empty");
  const std::string_view content(reinterpret_cast<const char*>(bytes.data.data()), bytes.data.size());
  const Format* format = find_format(content);
  if (format != nullptr && format->decode != nullptr) {
    StoredImage stored = format->decode(bytes.data, channels, name);
    return apply_orientation(std::move(stored.image), stored.orientation);
  }
  const std::string_view other = format != nullptr ? format->name : describe_other(content);
  throw DataError(
      name, "is not a JPEG, PNG or WebP picture" + (other.empty() ? "" : fmt::format(" but {}", other)));
}

Image load_image(const std::filesystem::path& path, int channels) {
  return load_image(Bytes::own(path.string(), read_file(path)), channels);
}

}  // namespace alexnet
