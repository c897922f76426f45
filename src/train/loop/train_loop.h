// The training loop: progress, limits, stopping and resuming. It knows no files.
#pragma once

#include <atomic>
#include <chrono>
#include <optional>
#include <vector>

#include "alexnet/train.h"
#include "train/loop/run_listener.h"
#include "train/loop/run_sources.h"
#include "train/plan/plan.h"
#include "train/step/checkpoint.h"
#include "train/step/train_step.h"

namespace alexnet {

/// One run, from its first step or from where an earlier process left it to its end. Every step is a function
/// of the plan and of Progress alone, so a run that was stopped anywhere continues as if it had not been.
class TrainLoop {
 public:
  /// All that is given must outlive it. `stop` may be null.
  TrainLoop(const Plan& plan, TrainStep& step, RunSources& sources, RunListener& listener,
            const std::atomic<bool>* stop);

  /// Continues from a checkpoint's progress. `epochs` are those that were reported before it; the last may be
  /// of the epoch under way.
  void resume(const Progress& progress, std::vector<EpochMetrics> epochs);

  /// Trains until the epochs are done, a limit is reached or `stop` is set. The result has no run folder; its
  /// validation is that of the best epoch where this process made it. DivergedError.
  TrainResult run();

 private:
  using Clock = std::chrono::steady_clock;
  enum class End { kEpoch, kLimit, kInterrupted };

  void train(TrainResult& result);
  /// False when it was stopped.
  bool compute_features();
  /// Makes the steps of the epoch under way that are still to be made, as far as the limits allow.
  End train_epoch();
  void train_step();
  void report_step(const StepValues& alone);
  /// Measures statistics, validates, and reports a whole epoch or (End::kLimit) the last, shorter one.
  /// Returns `end`, or kInterrupted when it was stopped before anything was reported.
  End finish_epoch(End end);
  /// Moves on to the next epoch.
  void close_epoch(const EpochMetrics& metrics);
  void measure_statistics();
  std::optional<Evaluation> validate();
  /// Keeps `validation` when it is the best so far; true then, and always without validation data.
  bool take_best(const std::optional<Evaluation>& validation);
  std::int64_t statistics_batches() const;
  /// Reports how far validation is; throws when the run is to stop.
  void validating(std::int64_t images);
  std::string limit() const;
  bool stop_asked() const { return stop_ != nullptr && stop_->load(); }
  /// A step's loss is that of the weights before it: what it made of them must be seen before it replaces
  /// something good.
  void check_finite() const;
  [[noreturn]] void diverged(const std::string& what) const;
  void checkpoint();
  /// Of the step under way or of the one just made.
  double learning_rate_of(std::int64_t step) const;
  /// Of the step last made.
  double last_rate() const;
  /// Adds the time since it was last asked to the epoch's and the run's; returns it.
  double lap();

  const Plan& plan_;
  TrainStep& step_;
  RunSources& sources_;
  RunListener& listener_;
  const std::atomic<bool>* stop_;
  std::int64_t steps_per_epoch_;
  Progress progress_;
  std::vector<EpochMetrics> epochs_;
  std::optional<Evaluation> best_;  // of best_epoch, when this process made it
  bool resumed_ = false, epoch_reported_ = false, has_checkpoint_ = false;
  /// Of the last epoch, behind its steps: validation and saving. Not known in the first.
  double end_seconds_ = 0;
  std::optional<double> last_rate_;  // none before a step of this process
  Clock::time_point lap_start_, last_checkpoint_;
};

}  // namespace alexnet
