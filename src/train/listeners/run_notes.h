// Listeners that tell a TrainObserver.
#pragma once

#include "train/listeners/loss_watch.h"
#include "train/loop/run_listener.h"
#include "train/run/run_files.h"

namespace alexnet {

/// Everything that is reported to an observer, apart from notes on the loss.
class ObserverListener final : public RunListener {
 public:
  /// `observer` must outlive it.
  ObserverListener(TrainObserver& observer, RunFiles files) : observer_(observer), files_(std::move(files)) {}

  void started(const RunStart& start) override;
  void preparing(std::int64_t done, std::int64_t all) override { observer_.preparing(done, all); }
  void stepped(const StepReport& report) override { observer_.stepped(report.metrics); }
  void validating(std::int64_t done, std::int64_t all) override { observer_.validating(done, all); }
  void epoch_ended(const EpochMetrics& metrics, bool best) override { observer_.epoch_done(metrics, best); }

 private:
  TrainObserver& observer_;
  RunFiles files_;
};

/// Notes on a loss that leads nowhere, with likely causes.
class LossNotes final : public RunListener {
 public:
  /// `plan` and `observer` must outlive it.
  LossNotes(const Plan& plan, TrainObserver& observer, RunFiles files);

  void started(const RunStart& start) override { has_best_ = validates_ && !start.epochs.empty(); }
  void stepped(const StepReport& report) override;
  void epoch_measured(const EpochReport&) override { has_best_ = validates_; }

 private:
  const TrainConfig& config_;
  TrainObserver& observer_;
  RunFiles files_;
  bool validates_, has_best_ = false;
  std::size_t classes_;
  LossWatch watch_;
};

}  // namespace alexnet
