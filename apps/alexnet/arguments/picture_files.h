// Which images a person means by the arguments of a command.
#pragma once

#include <filesystem>
#include <istream>
#include <string>
#include <vector>

namespace alexnet::cli {

struct PictureFiles {
  std::vector<std::filesystem::path> files;
  /// Arguments that gave none, and why.
  std::vector<std::pair<std::string, std::string>> refused;
  /// Arguments that are folders.
  std::vector<std::filesystem::path> folders;
};

/// Files as they are named; of a folder, all image files inside, in order of their path, without those that
/// is_ignored_name() says and without what links to folders lead to; "-": names from `list`, one a line.
PictureFiles picture_files(const std::vector<std::string>& arguments, std::istream& list);

/// UsageError that names the flag when a file, or the files of a folder, would be among the images the next
/// time, if they are written there.
void require_outside(const PictureFiles& pictures, const std::string& flag,
                     const std::filesystem::path& results);

}  // namespace alexnet::cli
