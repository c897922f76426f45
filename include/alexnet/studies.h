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
  kTop1,   ///< validation top-1 after the last epoch: more is better
  kEpochs  ///< epochs until the training error is down to Study::train_error: fewer are better
};

/// One configuration of a study.
struct StudyVariant {
  std::string name;    ///< names the folder of its runs too
  std::string asks;    ///< the question that it answers, one line; may be empty
  TrainConfig config;  ///< `seed` and `out` are set for each run
};

/// Variants, the seeds of each, and how they are compared.
struct Study {
  std::string title;                           ///< heading of the results and charts
  std::string about;                           ///< text for the head of the results; may be empty
  StudyMeasure measure = StudyMeasure::kTop1;  ///< how variants are compared
  double train_error = 0.25;                   ///< for kEpochs: the error to reach, between 0 and 1
  std::vector<std::uint64_t> seeds;            ///< each makes one run of every variant; no two are equal
  std::vector<StudyVariant> variants;          ///< the first is the base, which the others are compared with
};

/// Reads TOML or JSON (docs/file-formats.md), by the ending of its name. `overrides` are settings, names and
/// values, that hold for every run, whatever the file says. DataError naming the file, the variant and the
/// key at fault.
ALEXNET_API Study load_study(const Bytes& file,
                             const std::vector<std::pair<std::string, std::string>>& overrides = {});
/// The same for a file.
ALEXNET_API Study load_study(const std::filesystem::path& file,
                             const std::vector<std::pair<std::string, std::string>>& overrides = {});

/// Mean of some values, and how far it can be trusted. NaN where there are too few values.
struct Estimate {
  int count = 0;                                           ///< number of values
  double mean = std::numeric_limits<double>::quiet_NaN();  ///< of a ratio: the geometric mean
  /// Standard deviation of the values, divided by count - 1; of a ratio, the geometric one.
  double stddev = std::numeric_limits<double>::quiet_NaN();
  /// Lower end of the 95 % interval of the mean (Student's t).
  double low = std::numeric_limits<double>::quiet_NaN();
  double high = std::numeric_limits<double>::quiet_NaN();  ///< upper end of it
  /// Some of the values are only known to be larger than counted: so is the mean, and there is no interval.
  bool at_least = false;
};

/// One run of a study: a variant with a seed.
struct StudyRun {
  /// How far the run is.
  enum class State {
    kWaiting,  ///< not begun, or interrupted
    kDone,     ///< trained to its end
    kDiverged  ///< ended by a DivergedError
  };
  std::size_t variant = 0;           ///< index into Study::variants
  std::uint64_t seed = 0;            ///< one of Study::seeds
  std::filesystem::path folder;      ///< its run folder, absolute
  State state = State::kWaiting;     ///< how far the run is
  std::string problem;               ///< why it diverged; empty otherwise
  std::vector<EpochMetrics> epochs;  ///< all that ended; empty while it waits
  double seconds = 0;                ///< of these epochs
};

/// Results of one variant over its seeds, and beside the base.
struct VariantResult {
  std::string name,            ///< as StudyVariant::name
      asks;                    ///< as StudyVariant::asks
  std::vector<StudyRun> runs;  ///< one per seed, in the order of Study::seeds
  Estimate value;              ///< of Study::measure, over the seeds that have a value
  Estimate train_top1;         ///< training top-1 of the last epoch, 0..1, over the same seeds
  /// From the base, over the seeds that both have done. Empty for the base itself.
  Estimate difference,
      ratio;                        ///< to the base, over the same seeds; only with kEpochs
  std::vector<double> differences;  ///< from the base, of each of these seeds
  double minutes = 0;               ///< of training, all runs
};

/// Results of a study.
struct StudyResult {
  std::vector<VariantResult> variants;  ///< as Study::variants
  bool interrupted = false;             ///< stopped by `stop`; the same call resumes it
};

/// Progress of a study and of its current run.
struct StudyProgress {
  std::size_t run = 0,      ///< 1 for the first
      runs = 0;             ///< runs in all
  std::string variant;      ///< name of the run's variant
  std::uint64_t seed = 0;   ///< of the run
  int epoch = 0,            ///< 1 for the first; 0 before the first step
      epochs = 0;           ///< of the run, as set
  std::int64_t step = 0,    ///< steps done of the epoch, or images done while features, statistics or
                            ///< validation are computed
      steps = 0;            ///< in all, in the unit of `step`
  double loss = 0,          ///< running mean over the epoch, cross-entropy and l2
      train_top1 = 0;       ///< running mean over the epoch, 0..1
  double seconds_left = 0;  ///< of all runs; NaN before it can be estimated
};

/// Receives the events of a study. All calls come from the thread that called run_study().
class ALEXNET_API StudyObserver {
 public:
  virtual ~StudyObserver() = default;
  /// Comes after each step, and while images are processed before and between epochs.
  virtual void progressed(const StudyProgress&) {}
  /// A run has ended, or was found to have ended before (`earlier`).
  virtual void run_done(const StudyRun&, const StudyProgress&, bool /*earlier*/) {}
  /// A TrainObserver::note() of the current run, with its variant and seed in front.
  virtual void note(const std::string&) {}
};

/// Trains every variant with every seed, seed by seed, each in a run folder OUT/runs/VARIANT/seed-N;
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
