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
    : folder_(std::move(folder)), tail_(std::move(tail)), next_(folder_) {
  const std::size_t around = tail_.size() + extra, all = longest_name(folder_);
  constexpr std::size_t kShortest = 16;
  max_ = std::max(all > around ? all - around : 0, kShortest);
}

/// "photo", "photo-2": of a long name the number stays, and its beginning in whole characters.
std::string FileNames::candidate(const std::string& name, std::uint64_t number) const {
  const std::string suffix = number == 1 ? "" : "-" + std::to_string(number);
  return std::string(first_bytes(name, max_ - suffix.size())) + suffix;
}

std::filesystem::path FileNames::unique(const std::string& name) {
  const std::hash<std::string> hash;
  const std::uint64_t first = hash(candidate(name, 1));
  std::uint64_t number = std::max<std::uint64_t>(next_.number(first), 1);
  std::string chosen = candidate(name, number);
  // Another image may be called "photo-2" itself.
  while (number > 1 && next_.number(hash(chosen)) != 0) chosen = candidate(name, ++number);
  if (number > 1) next_.set(hash(chosen), 2);
  next_.set(first, number + 1);
  return folder_ / (chosen + tail_);
}

}  // namespace alexnet::cli
