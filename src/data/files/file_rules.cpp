#include "data/files/file_rules.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <span>
#include <string>

#include "alexnet/image_formats.h"
#include "base/content.h"
#include "base/run_file_names.h"
#include "text/text.h"

namespace alexnet {
namespace {

using namespace std::string_view_literals;

// Of images that are not read here: the person hears of them.
constexpr std::array kOtherEndings = {"heic"sv, "heif"sv, "avif"sv, "jp2"sv, "jxl"sv, "dng"sv, "cr2"sv,
                                      "cr3"sv,  "nef"sv,  "arw"sv,  "orf"sv, "raf"sv, "rw2"sv};

constexpr std::array kLeftBehind = {
    "thumbs.db"sv, "ehthumbs.db"sv, "desktop.ini"sv, "__macosx"sv,     "@eadir"sv,
    "#recycle"sv,  "lost+found"sv,  "icon\r"sv,      "$recycle.bin"sv, "system volume information"sv};

}  // namespace

bool is_hidden_name(std::string_view name) {
  return name.starts_with('.') || std::ranges::find(kLeftBehind, ascii_lower(name)) != kLeftBehind.end();
}

bool is_named_like_image(std::string_view name) {
  const std::size_t dot = name.rfind('.');
  if (dot == std::string_view::npos || dot == 0) return false;
  return has_image_extension(name) ||
         std::ranges::find(kOtherEndings, ascii_lower(name.substr(dot + 1))) != kOtherEndings.end();
}

bool begins_like_image(std::string_view first_bytes) {
  return recognise_content(std::as_bytes(std::span(first_bytes))).type == ContentType::kImage;
}

bool is_results_folder(const std::function<bool(std::string_view)>& has) {
  const auto has_any = [&](std::initializer_list<const char*> names) {
    return std::ranges::any_of(names, has);
  };
  const bool run =
      has(kRunConfig) && has_any({kRunEnvironment, kRunMetrics, kRunCheckpoint, kBestModel, kLastModel});
  const bool study = has(kStudyResults) && has(kStudyTable) && has(kStudyRows);
  return run || study || has(kStudyRecord);
}

}  // namespace alexnet
