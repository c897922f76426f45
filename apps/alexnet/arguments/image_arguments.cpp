#include "arguments/image_arguments.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <iterator>
#include <string>
#include <utility>

#include "alexnet/dataset.h"
#include "alexnet/error.h"
#include "alexnet/image_files.h"
#include "alexnet/image_formats.h"
#include "alexnet/log.h"
#include "text/text.h"

namespace alexnet::cli {
namespace {

namespace fs = std::filesystem;

constexpr const char* kList = "-";

}  // namespace

ImageArguments::ImageArguments(std::vector<std::string> arguments, Refused refused)
    : arguments_(std::move(arguments)), refused_(std::move(refused)) {}

void ImageArguments::require_outside(const std::string& flag, const fs::path& results) {
  std::error_code ignored;
  for (const std::string& argument : arguments_)
    if (argument != kList && fs::is_directory(argument, ignored))
      alexnet::require_outside(argument, flag, results);
  results_.push_back({flag, results});
}

/// Whether advance() has something to do, and does it without waiting.
bool ImageArguments::can_advance() {
  if (complete()) return false;
  if (arguments_[at_] != kList) return true;
  if (!list_) list_.emplace(STDIN_FILENO);
  return list_->ready();
}

/// Turns to the next argument, or the next name of the list.
void ImageArguments::advance() {
  if (arguments_[at_] == kList)
    advance_list();
  else
    add(arguments_[at_++]);
}

void ImageArguments::advance_list() {
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

void ImageArguments::add(const std::string& name) {
  std::error_code error;
  if (!fs::is_directory(name, error)) {
    files_.emplace_back(name);
    return;
  }
  for (const Place& place : results_) alexnet::require_outside(name, place.flag, place.path);
  try {
    ImageFiles inside = list_image_files(name);
    if (const std::string text = to_string(inside.passed_over); !text.empty())
      log_info(printable(fmt::format("passed over in {}: {}", name, text)));
    if (inside.files.empty()) refused_(name, "holds no " + image_format_names() + " images");
    std::ranges::move(inside.files, std::back_inserter(files_));
  } catch (const DataError& problem) {
    refused_(problem.where(), problem.problem());
  }
}

std::optional<fs::path> ImageArguments::next() {
  while (files_.empty() && !complete()) advance();
  if (files_.empty()) return std::nullopt;
  fs::path file = std::move(files_.front());
  files_.pop_front();
  return file;
}

bool ImageArguments::ready() {
  while (files_.empty() && can_advance()) advance();
  return !files_.empty() || complete();
}

std::size_t ImageArguments::peek(std::size_t max) {
  while (files_.empty() && !complete()) advance();
  while (files_.size() < max && can_advance()) advance();
  return std::min(files_.size(), max);
}

ImageFeed ImageArguments::feed() {
  return {.next =
              [this] {
                std::optional<fs::path> file = next();
                return file ? std::optional<ImageInput>(*std::move(file)) : std::nullopt;
              },
          .ready = [this] { return ready(); },
          .count = complete() ? files_.size() : 0};
}

ImageSet image_set(const std::string& argument, const std::string& flag, const fs::path& results) {
  ImageSet set;
  ImageArguments all({argument},
                     [&](const std::string&, const std::string& problem) { set.problem = problem; });
  all.require_outside(flag, results);
  while (std::optional<fs::path> file = all.next()) set.files.push_back(*std::move(file));
  return set;
}

}  // namespace alexnet::cli
