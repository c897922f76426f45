// The training loop.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>

#include "alexnet/train.h"
#include "data/loader.h"
#include "train/checkpoint.h"
#include "train/event_log.h"
#include "train/feature_source.h"
#include "train/loss_watch.h"
#include "train/plan.h"
#include "train/quarantine.h"
#include "train/run_folder.h"
#include "train/train_step.h"

namespace alexnet {

/// One run, from its first step or from a checkpoint to its end. Every step is a function of the plan and of
/// Progress alone, so a run that was stopped anywhere goes on as if it had not been.
class Trainer {
 public:
  /// Compiles the network. `stop` may be null.
  Trainer(Plan plan, RunFolder& folder, TrainObserver& observer, const std::atomic<bool>* stop);

  /// Starts from the plan's weights and writes config.json.
  void start();
  /// Goes on from the checkpoint; DataError when the data is not what the run was started with.
  void go_on(const Checkpoint& checkpoint);

  TrainResult run();

 private:
  using Clock = std::chrono::steady_clock;
  enum class End { kEpoch, kLimit, kInterrupted };

  void open_sources();
  /// Computes the features of all pictures where the network begins with frozen layers; false when it was
  /// stopped.
  bool compute_features();
  /// Makes the steps of the epoch under way that are still to be made, as far as the limits allow.
  End train_epoch();
  void train_step();
  /// Measures statistics, validates, and writes everything that belongs to an epoch, a whole one or
  /// (End::kLimit) the last, shorter one. Returns `end`, or kInterrupted when it was stopped before anything
  /// was written.
  End finish_epoch(End end);
  /// Goes over to the next epoch.
  void close_epoch(const EpochMetrics& metrics);
  void measure_statistics();
  std::optional<Evaluation> validate();
  /// Keeps `validation` when it is the best so far; true then, and always without validation data.
  bool take_best(const std::optional<Evaluation>& validation);
  EpochMetrics epoch_metrics(const std::optional<Evaluation>& validation) const;
  Model model(const EpochMetrics& metrics);
  std::int64_t statistics_batches() const;
  /// Tells how far validation is; throws when the run is to stop.
  void validating(std::int64_t pictures);
  /// Why the run is over before its epochs are, if it is.
  std::string limit_reached() const;
  bool stop_asked() const;
  void check_sound(double cross_entropy, double l2_loss) const;
  [[noreturn]] void diverged(const std::string& what) const;
  /// A step's loss is that of the weights before it: what it made of them must be seen before it replaces
  /// something good.
  void check_finite() const;
  void checkpoint();
  void write_quarantine();
  /// Tells of a loss that leads nowhere, with what it may come from.
  void watch(const LossResult& loss, std::size_t pictures);
  void report_step(double l2_loss);
  /// Until the run ends at so many seconds a step, if neither early stopping nor anything else ends it
  /// before.
  double seconds_left(double per_step) const;
  /// Of the step under way or of the one just made.
  double learning_rate_of(std::int64_t step) const;
  /// Of the step last made.
  double last_rate() const;
  Evaluation best_validation();
  /// Adds the time since it was last asked to the epoch's and the run's; returns it.
  double lap();

  Plan plan_;
  RunFolder& folder_;
  TrainObserver& observer_;
  const std::atomic<bool>* stop_;
  int classes_;
  std::size_t prefix_;  // layers that are frozen, whose features are computed once; 0: none
  TrainStep step_;      // of the network without the prefix
  std::unique_ptr<BatchSource> loader_;
  std::unique_ptr<BatchSource> validation_;  // null without validation data
  std::vector<FeatureSource*> features_;     // those two, where they give features
  std::int64_t steps_per_epoch_ = 0;
  LossWatch loss_watch_;
  Quarantine quarantine_;
  EventLog event_log_;
  RunIdentity identity_;
  Progress progress_;
  /// Of the last epoch, behind its steps: validation and saving. Not known in the first.
  double end_seconds_ = 0;
  std::optional<double> last_rate_;  // none before a step of this process
  std::vector<EpochMetrics> epochs_;
  std::optional<Evaluation> best_;  // of best_epoch, when this process made it
  Clock::time_point lap_start_, last_checkpoint_;
};

}  // namespace alexnet
