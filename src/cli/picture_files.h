// Which pictures a person means by the arguments of a command.
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
};

/// Files as they are named; of a folder, all picture files inside, in order of their path; "-": names from
/// `list`, one a line.
PictureFiles picture_files(const std::vector<std::string>& arguments, std::istream& list);

}  // namespace alexnet::cli
