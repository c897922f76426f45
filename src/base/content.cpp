#include "base/content.h"

#include <array>

namespace alexnet {
namespace {

using namespace std::string_view_literals;

struct Kind {
  std::string_view name;
  std::size_t offset;  // where the magic bytes are
  std::string_view magic;
};

constexpr std::array kKinds{Kind{"a JPEG image", 0, "\xff\xd8\xff"sv},
                            Kind{"a PNG image", 0, "\x89PNG\r\n\x1a\n"sv},
                            Kind{"a WebP image", 8, "WEBP"sv},
                            Kind{"a GIF image", 0, "GIF8"sv},
                            Kind{"a BMP image", 0, "BM"sv},
                            Kind{"a TIFF image", 0, "II*\0"sv},
                            Kind{"a TIFF image", 0, "MM\0*"sv},
                            Kind{"an AVIF image", 4, "ftypavif"sv},
                            Kind{"a HEIC image", 4, "ftyphei"sv},
                            Kind{"a HEIC image", 4, "ftypmif1"sv},
                            Kind{"a film", 4, "ftyp"sv},
                            Kind{"a JPEG 2000 image", 4, "jP  \r\n\x87\n"sv},
                            Kind{"a JPEG XL image", 0, "\xff\x0a"sv},
                            Kind{"a JPEG XL image", 4, "JXL \r\n\x87\n"sv},
                            Kind{"a Photoshop document", 0, "8BPS"sv},
                            Kind{"a PDF document", 0, "%PDF"sv},
                            Kind{"a zip archive", 0, "PK\x03\x04"sv},
                            Kind{"a gzip archive", 0, "\x1f\x8b"sv},
                            Kind{"a NumPy array", 0, "\x93NUMPY"sv},
                            Kind{"an HDF5 file", 0, "\x89HDF\r\n\x1a\n"sv}};

// "HTML" and "text" tell a failed download from a damaged file.
std::string_view describe_text(std::string_view content) {
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

std::string_view describe_content(std::span<const std::byte> data) {
  const std::string_view content(reinterpret_cast<const char*>(data.data()), data.size());
  for (const Kind& kind : kKinds)
    if (content.size() >= kind.offset && content.substr(kind.offset).starts_with(kind.magic))
      return kind.name;
  return describe_text(content);
}

}  // namespace alexnet
