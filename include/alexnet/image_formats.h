// The formats of images: which are read, and what a file is.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "alexnet/export.h"

namespace alexnet {

/// A format that load_image() reads.
struct ImageFormat {
  std::string_view name;                         ///< "JPEG"
  std::span<const std::string_view> extensions;  ///< of files, in lower case: ".jpg", ".jpeg"
};

/// All formats that load_image() reads.
ALEXNET_API std::vector<ImageFormat> image_formats();
/// Their names, for messages and help: "JPEG, PNG, WebP, TIFF, GIF, BMP or PNM".
ALEXNET_API std::string image_format_names();
/// Whether a file is named like an image of one of these formats: "a.JPG".
ALEXNET_API bool has_image_extension(const std::filesystem::path& file);

/// What a file is.
struct FileKind {
  /// For people: "JPEG image", "HEIC image", "text". Empty when it is nothing known.
  std::string_view name;
  /// It is an image, a drawing or printed pages, so that it can be converted to JPEG or PNG.
  bool image = false;
  /// load_image() reads it.
  bool read = false;
};

/// How many of the first bytes of a file are enough for file_kind().
inline constexpr std::size_t kFileKindBytes = 4096;
/// What a file is by its first bytes.
ALEXNET_API FileKind file_kind(std::span<const std::byte> head);

}  // namespace alexnet
