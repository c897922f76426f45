// Everything that is found out about one run.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "alexnet/evaluate.h"
#include "alexnet/model.h"
#include "alexnet/report.h"
#include "alexnet/train.h"
#include "report/assessment.h"
#include "report/studied_source.h"

namespace alexnet {

/// A set of images and what the model made of them.
struct Tested {
  std::shared_ptr<const StudiedSource> images;
  Evaluation evaluation;
};

/// An image that could not be read.
struct LeftOut {
  std::string set, file, reason;
};

/// Of the images that the run held out.
struct HeldOut {
  bool recorded = true;  // false: the run is of an older version, and its split is drawn anew
  // Recorded; see HeldOutSearch, HeldOutImage.
  std::size_t count = 0, missing = 0, changed = 0, unreadable = 0, copies = 0;
};

struct Findings {
  std::filesystem::path run;
  TrainConfig config;
  std::vector<EpochMetrics> epochs;
  /// What it was trained on (processor, program, ...), as the run folder has it; empty for a run without.
  std::vector<std::pair<std::string, std::string>> environment;
  Model model;
  std::vector<std::int64_t> training_counts, validation_counts;  // images per class, in all
  HeldOut held_out;
  std::vector<std::string> data_changes;  // how its data differs from what it was trained on
  bool moved_unchecked = false;  // its data is said to be at another place, and nothing tells whether it is
  std::optional<Tested> validation;       // none without validation data
  std::optional<Tested> training;         // of a sample; none when none was wanted
  std::vector<NearDuplicate> duplicates;  // of validation and training images
  std::vector<LeftOut> left_out;
};

/// DataError: see write_report().
Findings find_out(const std::filesystem::path& run, const ReportOptions& options);

}  // namespace alexnet
