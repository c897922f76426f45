#include "arguments/picture_files.h"

#include <fmt/format.h>
#include <unistd.h>

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

constexpr const char* kList = "-";

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

void require_outside_of(const fs::path& folder, const std::string& flag, const fs::path& results) {
  if (!is_seen(results, folder)) return;
  const fs::path name = (results.has_filename() ? results : results.parent_path()).filename();
  throw UsageError(flag,
                   fmt::format("'{}' lies in '{}': the next time the results would be among its images",
                               results.string(), folder.string()),
                   fmt::format("name a place outside of it, such as {} {}", flag,
                               shell_text((folder / ".." / name).lexically_normal())));
}

}  // namespace

PictureFiles::PictureFiles(std::vector<std::string> arguments, Refused refused)
    : arguments_(std::move(arguments)), refused_(std::move(refused)) {}

void PictureFiles::require_outside(const std::string& flag, const fs::path& results) {
  std::error_code ignored;
  for (const std::string& argument : arguments_)
    if (argument != kList && fs::is_directory(argument, ignored)) require_outside_of(argument, flag, results);
  results_.push_back({flag, results});
}

/// Whether advance() has something to do, and does it without waiting.
bool PictureFiles::can_advance() {
  if (complete()) return false;
  if (arguments_[at_] != kList) return true;
  if (!list_) list_.emplace(STDIN_FILENO);
  return list_->ready();
}

/// Turns to the next argument, or the next name of the list.
void PictureFiles::advance() {
  if (arguments_[at_] == kList)
    advance_list();
  else
    add(arguments_[at_++]);
}

void PictureFiles::advance_list() {
  if (!list_) list_.emplace(STDIN_FILENO);
  if (const std::optional<std::string> name = list_->next()) {
    list_is_empty_ = false;
    add(*name);
    return;
  }
  if (std::exchange(list_is_empty_, true)) refused_(kList, "the list on standard input names no images");
  list_.reset();
  ++at_;
}

void PictureFiles::add(const std::string& name) {
  std::error_code error;
  if (!fs::is_directory(name, error)) {
    files_.emplace_back(name);
    return;
  }
  for (const Place& place : results_) require_outside_of(name, place.flag, place.path);
  const std::vector<fs::path> inside = pictures_inside(name, error);
  if (error)
    refused_(name, "cannot be read (" + error.message() + ")");
  else if (inside.empty())
    refused_(name, "holds no " + image_format_names() + " images");
  files_.insert(files_.end(), inside.begin(), inside.end());
}

std::optional<fs::path> PictureFiles::next() {
  while (files_.empty() && !complete()) advance();
  if (files_.empty()) return std::nullopt;
  fs::path file = std::move(files_.front());
  files_.pop_front();
  return file;
}

bool PictureFiles::ready() {
  while (files_.empty() && can_advance()) advance();
  return !files_.empty() || complete();
}

std::size_t PictureFiles::peek(std::size_t max) {
  while (files_.empty() && !complete()) advance();
  while (files_.size() < max && can_advance()) advance();
  return std::min(files_.size(), max);
}

PictureFeed PictureFiles::feed() {
  return {.next =
              [this] {
                std::optional<fs::path> file = next();
                return file ? std::optional<Picture>(*std::move(file)) : std::nullopt;
              },
          .ready = [this] { return ready(); },
          .count = complete() ? files_.size() : 0};
}

PictureSet picture_set(const std::string& argument, const std::string& flag, const fs::path& results) {
  PictureSet set;
  PictureFiles all({argument},
                   [&](const std::string&, const std::string& problem) { set.problem = problem; });
  all.require_outside(flag, results);
  while (std::optional<fs::path> file = all.next()) set.files.push_back(*std::move(file));
  return set;
}

}  // namespace alexnet::cli
