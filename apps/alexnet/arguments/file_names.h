// Names for files that are written into one folder for images from many.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <unordered_map>

namespace alexnet::cli {

/// Gives every name in a folder once: "photo.gradcam", then "photo-2.gradcam", "photo-3.gradcam", ... Names
/// that the file system does not take, with what is added to them, are shortened.
class FileNames {
 public:
  /// `tail` follows each name; up to `extra` bytes more follow it where files are written.
  FileNames(std::filesystem::path folder, std::string tail, std::size_t extra);

  /// The path of a name that was not given yet.
  std::filesystem::path unique(const std::string& name);

 private:
  std::string candidate(const std::string& name, int number) const;

  std::filesystem::path folder_;
  std::string tail_;
  std::size_t max_ = 0;  // bytes of a name with its number
  /// The number of the next file, by the hash of its name: where two names have the same hash, one gets a
  /// number that it would not need.
  std::unordered_map<std::size_t, int> next_;
};

}  // namespace alexnet::cli
