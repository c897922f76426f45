#include "base/content.h"

#include <array>
#include <cstdint>

#include "base/tiff_directory.h"

namespace alexnet {
namespace {

using namespace std::string_view_literals;

std::uint8_t byte_at(std::string_view content, std::size_t i) {
  return i < content.size() ? static_cast<std::uint8_t>(content[i]) : 0;
}

/// The process of a JPEG file: the second byte of the marker that starts its frame. 0 where none is found.
std::uint8_t jpeg_process(std::string_view content) {
  std::size_t at = 2;
  while (byte_at(content, at) == 0xff) {
    const std::uint8_t marker = byte_at(content, at + 1);
    const bool other_table = marker == 0xc4 || marker == 0xc8 || marker == 0xcc;
    if ((marker >= 0xc0 && marker <= 0xcf && !other_table) || marker == 0xf7) return marker;
    at += marker == 0xff ? 1 : 2 + std::size_t{256} * byte_at(content, at + 2) + byte_at(content, at + 3);
  }
  return 0;
}

// ITU-T T.81, table B.1: the four last processes of both kinds of codes.
bool is_lossless_jpeg(std::string_view content) {
  const std::uint8_t process = jpeg_process(content);
  return process == 0xc3 || process == 0xc7 || process == 0xcb || process == 0xcf;
}
bool is_hierarchical_jpeg(std::string_view content) {
  const std::uint8_t process = jpeg_process(content);
  return process == 0xc5 || process == 0xc6 || process == 0xcd || process == 0xce;
}
bool is_jpeg_ls(std::string_view content) { return jpeg_process(content) == 0xf7; }

TiffDirectory directory_of(std::string_view content) {
  return TiffDirectory(std::as_bytes(std::span(content)));
}
bool is_cr2(std::string_view content) { return content.substr(0, 10).ends_with("CR"); }
bool is_dng(std::string_view content) {
  constexpr std::uint16_t kDngVersion = 0xc612;
  return directory_of(content).value(kDngVersion).has_value();
}
// NEF, ARW and others: the first image is a preview, the photo is in a directory below it.
bool is_other_raw(std::string_view content) {
  constexpr std::uint16_t kSubfileType = 0xfe, kSubdirectories = 0x14a;
  const TiffDirectory directory = directory_of(content);
  return directory.value(kSubfileType) == 1U && directory.value(kSubdirectories).has_value();
}

bool is_webp(std::string_view content) { return content.starts_with("RIFF"); }

// "BM" alone may begin a text. The size of the second header, which comes next, tells the versions apart.
bool is_bmp(std::string_view content) {
  constexpr std::array<std::uint8_t, 8> kHeaders{12, 16, 40, 52, 56, 64, 108, 124};
  for (const std::uint8_t size : kHeaders)
    if (byte_at(content, 14) == size && content.substr(0, 18).ends_with("\0\0\0"sv)) return true;
  return false;
}

// A letter and a digit, which may begin a text too: then white space or comments, and the width.
bool is_pnm(std::string_view content) {
  constexpr std::string_view kSpace = " \t\n\v\f\r";
  if (byte_at(content, 1) < '1' || byte_at(content, 1) > '6') return false;
  std::size_t at = 2;
  while (at < content.size() && (kSpace.find(content[at]) != std::string_view::npos || content[at] == '#'))
    at = content[at] == '#' ? content.find_first_of("\r\n", at) : at + 1;
  return at > 2 && byte_at(content, at) >= '0' && byte_at(content, at) <= '9';
}

/// Whether a file of ISO media boxes names one of some brands, of which the first three letters are given.
bool has_brand(std::string_view content, std::initializer_list<std::string_view> brands) {
  const std::size_t size = std::size_t{256} * byte_at(content, 2) + byte_at(content, 3);
  const std::string_view box = content.substr(0, size);
  for (std::size_t at = 8; at + 4 <= box.size(); at += 4)
    for (const std::string_view brand : brands)
      if (box.substr(at).starts_with(brand)) return true;
  return false;
}
bool is_avif(std::string_view content) { return has_brand(content, {"avi"}); }
bool is_heic(std::string_view content) { return has_brand(content, {"hei", "hev", "mif", "msf"}); }

struct Kind {
  Content content;
  std::size_t offset;  // where the magic bytes are
  std::string_view magic;
  bool (*also)(std::string_view) = nullptr;  // what else holds, if the magic bytes are not enough
};

constexpr ContentType kImage = ContentType::kImage, kDocument = ContentType::kDocument;

// The first that fits: special kinds come before general ones.
constexpr std::array kKinds{
    Kind{{"a lossless JPEG image", kImage}, 0, "\xff\xd8\xff"sv, is_lossless_jpeg},
    Kind{{"a hierarchical JPEG image", kImage}, 0, "\xff\xd8\xff"sv, is_hierarchical_jpeg},
    Kind{{"a JPEG-LS image", kImage}, 0, "\xff\xd8\xff"sv, is_jpeg_ls},
    Kind{{"a JPEG image", kImage}, 0, "\xff\xd8\xff"sv},
    Kind{{"a PNG image", kImage}, 0, "\x89PNG\r\n\x1a\n"sv},
    Kind{{"a WebP image", kImage}, 8, "WEBP"sv, is_webp},
    Kind{{"a CR2 raw image", kImage}, 0, "II*\0"sv, is_cr2},
    Kind{{"a DNG raw image", kImage}, 0, "II*\0"sv, is_dng},
    Kind{{"a DNG raw image", kImage}, 0, "MM\0*"sv, is_dng},
    Kind{{"a raw image of a camera", kImage}, 0, "II*\0"sv, is_other_raw},
    Kind{{"a raw image of a camera", kImage}, 0, "MM\0*"sv, is_other_raw},
    Kind{{"a TIFF image", kImage}, 0, "II*\0"sv},
    Kind{{"a TIFF image", kImage}, 0, "MM\0*"sv},
    Kind{{"a TIFF image", kImage}, 0, "II+\0\x08\0\0\0"sv},
    Kind{{"a TIFF image", kImage}, 0, "MM\0+\0\x08\0\0"sv},
    Kind{{"a GIF image", kImage}, 0, "GIF87a"sv},
    Kind{{"a GIF image", kImage}, 0, "GIF89a"sv},
    Kind{{"a BMP image", kImage}, 0, "BM"sv, is_bmp},
    Kind{{"a PNM image", kImage}, 0, "P"sv, is_pnm},
    Kind{{"a PAM image", kImage}, 0, "P7\n"sv},
    Kind{{"a PFM image", kImage}, 0, "Pf\n"sv},
    Kind{{"a PFM image", kImage}, 0, "PF\n"sv},
    Kind{{"a CR3 raw image", kImage}, 4, "ftypcrx"sv},
    Kind{{"an AVIF image", kImage}, 4, "ftyp"sv, is_avif},
    Kind{{"a HEIC image", kImage}, 4, "ftyp"sv, is_heic},
    Kind{{"a film"}, 4, "ftyp"sv},
    Kind{{"a JPEG 2000 image", kImage}, 4, "jP  \r\n\x87\n"sv},
    Kind{{"a JPEG 2000 image", kImage}, 0, "\xff\x4f\xff\x51"sv},
    Kind{{"a JPEG XL image", kImage}, 0, "\xff\x0a"sv},
    Kind{{"a JPEG XL image", kImage}, 4, "JXL \r\n\x87\n"sv},
    Kind{{"a JPEG XR image", kImage}, 0, "II\xbc"sv},
    Kind{{"a raw image of a camera", kImage}, 0, "FUJIFILMCCD-RAW"sv},
    Kind{{"a raw image of a camera", kImage}, 0, "IIR"sv},
    Kind{{"a raw image of a camera", kImage}, 0, "MMOR"sv},
    Kind{{"a raw image of a camera", kImage}, 0, "IIU\0"sv},
    Kind{{"a raw image of a camera", kImage}, 0, "FOVb"sv},
    Kind{{"a raw image of a camera", kImage}, 0, "\0MRM"sv},
    Kind{{"a Photoshop document", kDocument}, 0, "8BPS"sv},
    Kind{{"a GIMP document", kDocument}, 0, "gimp xcf"sv},
    Kind{{"a PDF document", kDocument}, 0, "%PDF"sv},
    Kind{{"a PostScript document", kDocument}, 0, "%!PS"sv},
    Kind{{"a DICOM image", kImage}, 128, "DICM"sv},
    Kind{{"a FITS image", kImage}, 0, "SIMPLE  ="sv},
    Kind{{"an OpenEXR image", kImage}, 0, "v/1\x01"sv},
    Kind{{"a Radiance image", kImage}, 0, "#?RADIANCE"sv},
    Kind{{"a DDS image", kImage}, 0, "DDS "sv},
    Kind{{"a QOI image", kImage}, 0, "qoif"sv},
    Kind{{"a Windows icon", kDocument}, 0, "\0\0\1\0"sv},
    Kind{{"a zip archive"}, 0, "PK\x03\x04"sv},
    Kind{{"a gzip archive"}, 0, "\x1f\x8b"sv},
    Kind{{"a NumPy array"}, 0, "\x93NUMPY"sv},
    Kind{{"an HDF5 file"}, 0, "\x89HDF\r\n\x1a\n"sv}};

// "HTML" and "text" tell a failed download from a damaged file.
Content recognise_text(std::string_view content) {
  const std::string_view start = content.substr(0, 512);
  std::size_t plain = 0;
  for (const char c : start) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 || byte == '\t' || byte == '\n' || byte == '\r') ++plain;
  }
  if (plain != start.size()) return {};
  const std::size_t first = start.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos || start[first] != '<') return {"text"};
  for (const std::string_view tag : {"<!DOCTYPE html"sv, "<!doctype html"sv, "<html"sv, "<HTML"sv})
    if (start.substr(first).starts_with(tag)) return {"an HTML page"};
  return start.find("<svg") != std::string_view::npos ? Content{"an SVG drawing", kDocument}
                                                      : Content{"XML text"};
}

bool fits(const Kind& kind, std::string_view content) {
  return content.size() >= kind.offset && content.substr(kind.offset).starts_with(kind.magic) &&
         (kind.also == nullptr || kind.also(content));
}

}  // namespace

Content recognise_content(std::span<const std::byte> data) {
  const std::string_view content(reinterpret_cast<const char*>(data.data()), data.size());
  for (const Kind& kind : kKinds)
    if (fits(kind, content)) return kind.content;
  return recognise_text(content);
}

}  // namespace alexnet
