// Names for files that are written into one folder for images from many.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>

#include "arguments/name_counts.h"

namespace alexnet::cli {

/// Gives every name in a folder once: "photo.gradcam", then "photo-2.gradcam", "photo-3.gradcam", ... Names
/// that the file system does not take, with what is added to them, are shortened.
class FileNames {
 public:
  /// `tail` follows each name; up to `extra` bytes more follow it where files are written. The folder must be
  /// there. DataError where it cannot be written into.
  FileNames(std::filesystem::path folder, std::string tail, std::size_t extra);

  /// The path of a name that was not given yet.
  std::filesystem::path unique(const std::string& name);

 private:
  std::string candidate(const std::string& name, std::uint64_t number) const;

  std::filesystem::path folder_;
  std::string tail_;
  std::size_t max_ = 0;  // bytes of a name with its number
  /// The number of the next file, by the hash of its name: where two names have the same hash, one gets a
  /// number that it would not need.
  NameCounts next_;
};

}  // namespace alexnet::cli
