#include "arguments/file_names.h"

#include <unistd.h>

#include <algorithm>
#include <functional>
#include <utility>

#include "text/text.h"

namespace alexnet::cli {
namespace {

/// Bytes that a name may have in the folder.
std::size_t longest_name(const std::filesystem::path& folder) {
  const long max = ::pathconf(folder.c_str(), _PC_NAME_MAX);
  constexpr std::size_t kUsual = 255;
  return max > 0 ? static_cast<std::size_t>(max) : kUsual;
}

}  // namespace

FileNames::FileNames(std::filesystem::path folder, std::string tail, std::size_t extra)
    : folder_(std::move(folder)), tail_(std::move(tail)) {
  const std::size_t around = tail_.size() + extra, all = longest_name(folder_);
  constexpr std::size_t kShortest = 16;
  max_ = std::max(all > around ? all - around : 0, kShortest);
}

/// "photo", "photo-2": of a long name the number stays, and its beginning in whole characters.
std::string FileNames::candidate(const std::string& name, int number) const {
  const std::string suffix = number == 1 ? "" : "-" + std::to_string(number);
  return std::string(first_bytes(name, max_ - suffix.size())) + suffix;
}

std::filesystem::path FileNames::unique(const std::string& name) {
  const std::hash<std::string> hash;
  int& next = next_.try_emplace(hash(candidate(name, 1)), 1).first->second;
  std::string chosen = candidate(name, next++);
  // Another image may be called "photo-2" itself.
  while (next > 2 && !next_.try_emplace(hash(chosen), 2).second) chosen = candidate(name, next++);
  return folder_ / (chosen + tail_);
}

}  // namespace alexnet::cli
