// quarantine.jsonl: the images that could not be read, and why.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "data/loader/loader.h"

namespace alexnet {

/// Set ("train" or "validation") and image of each row, as they stand in the file; lines that are no such
/// row are left out. None without a file.
std::vector<std::pair<std::string, BadImage>> read_quarantine(const std::filesystem::path& path);

/// Each image stands once, ordered by set and index, also when a run was stopped and resumed.
class Quarantine {
 public:
  /// Goes on with what the file already names.
  explicit Quarantine(std::filesystem::path path);

  /// `set`: "train" or "validation".
  void add(const std::string& set, const std::vector<BadImage>& images);
  /// Writes the file when there is something new (the first time: always, so that it is there). DataError.
  void write();

 private:
  std::filesystem::path path_;
  std::map<std::pair<std::string, std::size_t>, BadImage> images_;
  bool written_ = false;
};

}  // namespace alexnet
