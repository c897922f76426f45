// The table of formats. The bytes by which they are recognised are in base/content.cpp, among those of
// formats that are not read.
#include "alexnet/image_formats.h"

#include <algorithm>
#include <array>

#include "base/content.h"
#include "image/decode_formats.h"

namespace alexnet {
namespace {

using namespace std::string_view_literals;

constexpr std::array kJpeg{".jpg"sv, ".jpeg"sv, ".jpe"sv, ".jfif"sv};
constexpr std::array kPng{".png"sv, ".apng"sv};
constexpr std::array kWebp{".webp"sv};
constexpr std::array kTiff{".tif"sv, ".tiff"sv};
constexpr std::array kGif{".gif"sv};
constexpr std::array kBmp{".bmp"sv, ".dib"sv};
constexpr std::array kPnm{".ppm"sv, ".pgm"sv, ".pbm"sv, ".pnm"sv};

constexpr std::array kDecoders{
    ImageDecoder{{"JPEG", kJpeg}, "a JPEG image", decode_jpeg},
    ImageDecoder{{"PNG", kPng}, "a PNG image", decode_png},
    ImageDecoder{{"WebP", kWebp}, "a WebP image", decode_webp},
    ImageDecoder{{"TIFF", kTiff}, "a TIFF image", decode_tiff},
    ImageDecoder{{"GIF", kGif}, "a GIF image", decode_gif},
    ImageDecoder{{"BMP", kBmp}, "a BMP image", decode_bmp},
    ImageDecoder{{"PNM", kPnm}, "a PNM image", decode_pnm},
};

}  // namespace

const ImageDecoder* find_decoder(std::string_view content) {
  const auto* found = std::ranges::find(kDecoders, content, &ImageDecoder::content);
  return found == kDecoders.end() ? nullptr : found;
}

std::vector<ImageFormat> image_formats() {
  std::vector<ImageFormat> formats;
  for (const ImageDecoder& decoder : kDecoders) formats.push_back(decoder.format);
  return formats;
}

std::string image_format_names() {
  std::string names(kDecoders.front().format.name);
  for (std::size_t i = 1; i < kDecoders.size(); ++i) {
    names += i + 1 == kDecoders.size() ? " or " : ", ";
    names += kDecoders[i].format.name;
  }
  return names;
}

bool has_image_extension(const std::filesystem::path& file) {
  std::string extension = file.extension().string();
  std::ranges::transform(extension, extension.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return std::ranges::any_of(kDecoders, [&](const ImageDecoder& decoder) {
    return std::ranges::find(decoder.format.extensions, extension) != decoder.format.extensions.end();
  });
}

FileKind file_kind(std::span<const std::byte> head) {
  const Content content = recognise_content(head);
  std::string_view name = content.name;
  for (const std::string_view article : {"a "sv, "an "sv})
    if (name.starts_with(article)) name.remove_prefix(article.size());
  return {name, content.type != ContentType::kOther, find_decoder(content.name) != nullptr};
}

}  // namespace alexnet
