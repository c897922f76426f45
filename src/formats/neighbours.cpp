#include "formats/neighbours.h"

#include <algorithm>
#include <system_error>

namespace alexnet {

namespace fs = std::filesystem;

bool stays_inside(const fs::path& location) {
  return !location.empty() && location.native().find('\0') == std::string::npos && location.is_relative() &&
         !location.has_root_path() &&
         std::ranges::none_of(location, [](const fs::path& part) { return part == ".."; });
}

bool has_link(fs::path folder, const fs::path& location) {
  for (const fs::path& part : location) {
    folder /= part;
    std::error_code error;
    if (fs::is_symlink(fs::symlink_status(folder, error))) return true;
  }
  std::error_code error;
  return fs::is_regular_file(folder, error) && fs::hard_link_count(folder, error) > 1;
}

std::optional<fs::path> folder_of(const Bytes& file) {
  const char* mapped = Bytes::mapped_at(file.data.data());
  if (mapped == nullptr || file.name != mapped) return std::nullopt;
  return fs::path(file.name).parent_path();
}

std::optional<Bytes> neighbour(const Bytes& file, const std::string& name) {
  const std::optional<fs::path> folder = folder_of(file);
  std::error_code error;
  if (!folder || !stays_inside(name) || has_link(*folder, name) ||
      !fs::is_regular_file(*folder / name, error))
    return std::nullopt;
  return Bytes::map(*folder / name);
}

}  // namespace alexnet
