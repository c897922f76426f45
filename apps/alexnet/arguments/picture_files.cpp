#include "arguments/picture_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <span>

#include "alexnet/dataset.h"
#include "alexnet/error.h"
#include "alexnet/image_formats.h"
#include "console/output.h"

namespace alexnet::cli {
namespace {

namespace fs = std::filesystem;

/// By its first bytes.
bool begins_like_a_picture(const fs::path& file) {
  std::array<char, kFileKindBytes> bytes{};
  std::ifstream in(file, std::ios::binary);
  in.read(bytes.data(), bytes.size());
  return file_kind(std::as_bytes(std::span(bytes.data(), static_cast<std::size_t>(in.gcount())))).read;
}

/// In a folder other files are passed over, and what training does not see; a file with an image's name
/// counts whatever it holds, so that a broken one is told of. Links to folders are not followed, so that
/// there are no loops.
std::vector<fs::path> pictures_inside(const fs::path& folder, std::error_code& error) {
  std::vector<fs::path> found;
  fs::recursive_directory_iterator entry(folder, fs::directory_options::skip_permission_denied, error);
  for (const fs::recursive_directory_iterator end; !error && entry != end; entry.increment(error)) {
    if (is_ignored_name(entry->path().filename().string())) {
      entry.disable_recursion_pending();
      continue;
    }
    std::error_code ignored;
    const fs::file_status status = entry->status(ignored);
    if (fs::is_directory(status)) continue;
    if (has_image_extension(entry->path()) ||
        (fs::is_regular_file(status) && begins_like_a_picture(entry->path())))
      found.push_back(entry->path());
  }
  std::ranges::sort(found);
  return found;
}

void add(PictureFiles& all, const std::string& argument) {
  std::error_code error;
  if (!fs::is_directory(argument, error)) {
    all.files.emplace_back(argument);
    return;
  }
  all.folders.emplace_back(argument);
  const std::vector<fs::path> inside = pictures_inside(argument, error);
  if (error)
    all.refused.emplace_back(argument, "cannot be read (" + error.message() + ")");
  else if (inside.empty())
    all.refused.emplace_back(argument, "holds no " + image_format_names() + " images");
  all.files.insert(all.files.end(), inside.begin(), inside.end());
}

/// Whether what lies there is seen when the folder is looked through. Pipes and devices are not.
bool is_seen(const fs::path& place, const fs::path& folder) {
  std::error_code error;
  if (fs::is_other(place, error)) return false;
  const fs::path whole = fs::weakly_canonical(fs::absolute(place), error);
  if (error) return false;
  const fs::path inside = whole.lexically_relative(fs::canonical(folder, error));
  const auto ignored = [](const fs::path& name) { return is_ignored_name(name.string()); };  // ".." too
  return inside == "." || std::none_of(inside.begin(), inside.end(), ignored);
}

}  // namespace

PictureFiles picture_files(const std::vector<std::string>& arguments, std::istream& list) {
  PictureFiles all;
  for (const std::string& argument : arguments) {
    if (argument != "-") {
      add(all, argument);
      continue;
    }
    const std::size_t before = all.files.size() + all.refused.size();
    for (std::string line; std::getline(list, line);)
      if (!line.empty()) add(all, line);
    if (all.files.size() + all.refused.size() == before)
      all.refused.emplace_back("-", "the list on standard input names no images");
  }
  return all;
}

void require_outside(const PictureFiles& pictures, const std::string& flag, const fs::path& results) {
  for (const fs::path& folder : pictures.folders) {
    if (!is_seen(results, folder)) continue;
    const fs::path name = (results.has_filename() ? results : results.parent_path()).filename();
    throw UsageError(flag,
                     fmt::format("'{}' lies in '{}': the next time the results would be among its images",
                                 results.string(), folder.string()),
                     fmt::format("name a place outside of it, such as {} {}", flag,
                                 shell_text((folder / ".." / name).lexically_normal())));
  }
}

}  // namespace alexnet::cli
