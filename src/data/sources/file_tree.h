// Files by path below one top: a folder on disk, or an archive. What layouts of class folders are read from.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "alexnet/bytes.h"

namespace alexnet {

/// Paths are relative to the top, '/' between names; "" is the top itself. Names are bytes, whatever their
/// encoding. Hidden files and what file managers leave behind are not seen. Thread-safe.
class FileTree {
 public:
  virtual ~FileTree() = default;
  /// Names of the folders right inside a folder, sorted bytewise.
  virtual std::vector<std::string> folders(const std::string& path) const = 0;
  /// Paths of everything below a folder that is not a folder, at any depth, sorted bytewise.
  virtual std::vector<std::string> files(const std::string& path) const = 0;
  /// The bytes of a file, named by its path; where nothing keeps them, the tree does. DataError when it
  /// cannot be read or is no regular file.
  virtual Bytes read(const std::string& path) const = 0;
};

/// A folder on disk. Symbolic links are followed, each folder being walked once, so that loops end.
std::shared_ptr<const FileTree> open_folder(const std::filesystem::path& path);

/// A .tar, plain or packed with gzip, bzip2, xz or zstd. The files of a plain one are read where they lie;
/// the files of a packed one are kept in memory, at most half of what the machine has free. DataError when it
/// is no tar, is damaged, or needs more.
std::shared_ptr<const FileTree> open_archive(Bytes archive);

}  // namespace alexnet
