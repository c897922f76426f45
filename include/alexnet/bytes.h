// Bytes that something is read from: a mapped file, an answer from a server, a part of something larger.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

#include "alexnet/export.h"

namespace alexnet {

/// Models, arrays, images, settings and data sets in one file are read from these; where a path will do as
/// well, it stands for the content of its file.
struct ALEXNET_API Bytes {
  /// What errors call them: a path, or any other text. Its ending counts only where the content alone does
  /// not tell the format: settings end in .toml or .json.
  std::string name;
  /// The content. Without `keep`, the caller owns it.
  std::span<const std::byte> data;
  /// Holds the bytes alive for whatever was read and still looks at them (tensors of a model). Null: the
  /// caller sees to that.
  std::shared_ptr<const void> keep;

  /// A whole regular file, mapped read-only. DataError when it is missing, not a regular file, empty or
  /// unreadable. A file that becomes shorter meanwhile, or whose disk fails, raises SIGBUS where it is read.
  static Bytes map(const std::filesystem::path& path);
  /// Bytes that own their content and hold it through `keep`.
  static Bytes own(std::string name, std::string content);
  /// The name of the file that map() put at an address, without control characters; null: none that is known.
  /// For handlers of SIGBUS: safe in a signal handler.
  static const char* mapped_at(const void* address) noexcept;
};

}  // namespace alexnet
