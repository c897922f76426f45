// What came of training runs, as one HTML file for people.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <span>
#include <string>

#include "alexnet/export.h"

namespace alexnet {

/// Options of write_report().
struct ReportOptions {
  /// Training images that are looked at (for labels that look wrong, for validation images that are among
  /// them too, and for how well the network knows them): at most this many, spread over the set. 0: none.
  std::int64_t train_images = 20'000;
  /// Where the images of the runs are now; empty: where they were. They are checked by their content.
  std::filesystem::path data{};
  /// The same of validation images that had a place of their own.
  std::filesystem::path validation{};
  int batch = 64;              ///< images computed at a time
  int workers = 2;             ///< threads that read images
  std::string engine = "cpu";  ///< one of engine_names()
  /// Called while images are looked at: what is being done, images done, and in all.
  std::function<void(const std::string&, std::int64_t, std::int64_t)> progress;
};

/// Reads run folders, tests their best models anew on the validation images of each, and writes a page that
/// needs no other file and no network: several runs stand side by side. Of data that was changed since, what
/// is still there counts, and the page says so. Atomic. DataError when a folder holds no run or no model, or
/// its data is not there any more; UsageError without runs.
ALEXNET_API void write_report(std::span<const std::filesystem::path> runs, const std::filesystem::path& html,
                              const ReportOptions& options = {});

}  // namespace alexnet
