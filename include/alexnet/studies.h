// What a setting is worth: variants of a training run, each with several seeds, and what came of them.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "alexnet/export.h"
#include "alexnet/train.h"

namespace alexnet {

/// What variants are compared by.
enum class StudyMeasure {
  kTop1,   // validation top-1 after the last epoch: more is better
  kEpochs  // epochs until the training error is down to Study::train_error: fewer are better
};

struct StudyVariant {
  std::string name;
  std::string asks;    // one line: what it is there to find out
  TrainConfig config;  // without seed and out
};

struct Study {
  std::string title;
  std::string about;  // text for the head of the results; may be empty
  StudyMeasure measure = StudyMeasure::kTop1;
  double train_error = 0.25;
  std::vector<std::uint64_t> seeds;
  std::vector<StudyVariant> variants;  // the first is the base, which the others are compared with
};

/// Reads TOML or JSON (docs/file-formats.md), by the ending of its name. `overrides` are settings, names and
/// values, that hold for every run, whatever the file says. DataError naming the file, the variant and the
/// key at fault.
ALEXNET_API Study load_study(const Bytes& file,
                             const std::vector<std::pair<std::string, std::string>>& overrides = {});
ALEXNET_API Study load_study(const std::filesystem::path& file,
                             const std::vector<std::pair<std::string, std::string>>& overrides = {});

/// What some values say of all that might have been drawn. NaN for what so few values cannot say.
struct Estimate {
  int count = 0;
  double mean = std::numeric_limits<double>::quiet_NaN();
  double deviation = std::numeric_limits<double>::quiet_NaN();  // of values, divided by count - 1
  double low = std::numeric_limits<double>::quiet_NaN();        // 95 % interval of the mean (Student's t)
  double high = std::numeric_limits<double>::quiet_NaN();
  /// Some of the values are only known to be larger than counted: so is the mean, and there is no interval.
  bool at_least = false;
};

struct StudyRun {
  enum class State { kWaiting, kDone, kDiverged };
  std::size_t variant = 0;
  std::uint64_t seed = 0;
  std::filesystem::path folder;
  State state = State::kWaiting;
  std::string problem;  // why it diverged
  std::vector<EpochMetrics> epochs;
  double seconds = 0;
};

struct VariantResult {
  std::string name, asks;
  std::vector<StudyRun> runs;  // one per seed
  Estimate value;              // what Study::measure says, over the seeds that are done
  Estimate train_top1;         // of the last epoch
  /// Beside the base, over the seeds that both have done: the difference, and for kEpochs the ratio
  /// (geometric mean).
  Estimate difference, ratio;
  std::vector<double> differences;  // of each such seed
  double minutes = 0;               // of training, all runs
};

struct StudyResult {
  std::vector<VariantResult> variants;
  bool interrupted = false;  // stopped by `stop`; the same call resumes it
};

struct StudyProgress {
  std::size_t run = 0, runs = 0;  // 1 for the first; in all
  std::string variant;
  std::uint64_t seed = 0;
  int epoch = 0, epochs = 0;
  std::int64_t step = 0, steps = 0;  // of the epoch; of validation images while these are tested
  double loss = 0, train_top1 = 0;   // running means over the epoch
  double seconds_left = 0;           // of all runs; NaN before it can be told
};

/// What a watcher of a study is told.
class ALEXNET_API StudyObserver {
 public:
  virtual ~StudyObserver() = default;
  virtual void progressed(const StudyProgress&) {}
  /// A run has ended, or was found to have ended before (`earlier`).
  virtual void run_done(const StudyRun&, const StudyProgress&, bool /*earlier*/) {}
  virtual void note(const std::string&) {}
};

/// Trains every variant with every seed, seed by seed, each in a run folder <out>/runs/<variant>/seed-<n>;
/// skips runs that have ended, resumes those that have not. A run that diverges is recorded as such and
/// the others continue. After each run, it writes results.md, .csv and .json, differences.png and curves.png
/// (not in a program that was built without charts) into `out`. UsageError when a variant cannot be run as it
/// is, or a run was made with other settings; errors as train().
ALEXNET_API StudyResult run_study(const Study& study, const std::filesystem::path& out,
                                  StudyObserver& observer, const std::atomic<bool>* stop = nullptr);

/// The table as results.md has it.
ALEXNET_API std::string study_table(const Study& study, const StudyResult& result);
/// All values, as in results.json.
ALEXNET_API std::string study_json(const Study& study, const StudyResult& result);

}  // namespace alexnet
