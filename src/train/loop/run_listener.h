// What happens in a run, for those who write files and screens.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "alexnet/evaluate.h"
#include "alexnet/model.h"
#include "alexnet/train.h"
#include "data/loader/loader.h"
#include "train/plan/plan.h"
#include "train/step/checkpoint.h"
#include "train/step/train_step.h"

namespace alexnet {

struct RunStart {
  const Plan& plan;
  const Progress& progress;
  bool resumed = false;  // from a checkpoint
  /// An earlier process has reported an epoch that ends at this step.
  bool epoch_reported = false;
  const std::vector<EpochMetrics>& epochs;  // before this process
};

/// Metrics of one step alone, not means over several.
struct StepValues {
  double cross_entropy = 0, l2_loss = 0, lr = 0;
  int top1 = 0, top5 = 0;  // images of the batch
  double seconds = 0, waited = 0;
};

struct StepReport {
  const StepMetrics& metrics;
  const StepValues& alone;
  TrainStep& step;  // as it left the network
};

/// Of training, over the steps of an epoch; NaN where an older version of the program began the epoch.
struct TrainingMeans {
  double cross_entropy = 0, top1 = 0, top5 = 0;
};

/// The end of an epoch, or of the shorter one that a limit ends.
struct EpochReport {
  const EpochMetrics& metrics;
  const std::vector<EpochMetrics>& epochs;  // all so far, this one included
  const std::optional<Evaluation>& validation;
  TrainingMeans training{};       // what the metrics do not have
  bool best = false;              // so far; always true without validation data
  bool last = false;              // the run ends with it
  const Model& trained;           // what was validated
  std::span<const float> images;  // inputs of the whole network; empty where there are none at hand
};

/// All calls come from the training thread. An exception ends the run, whichever call throws it (but see
/// failed()). A run calls started(); preparing(), where it learns from features; then for each epoch
/// first_batch(), stepped() after each step, validating(), epoch_measured(), checkpoint() and epoch_ended();
/// at last ended() or failed(). checkpoint() also comes between steps, and where a run is stopped, which may
/// be anywhere: an epoch that is resumed after its first step has no first_batch().
class RunListener {
 public:
  virtual ~RunListener() = default;
  virtual void started(const RunStart&) {}
  /// Features of images are computed, before the first step: done, in all.
  virtual void preparing(std::int64_t, std::int64_t) {}
  /// The first batch of an epoch, from which `step` is about to learn. Not where the run learns from
  /// features.
  virtual void first_batch(const Batch&, std::int64_t /*step*/) {}
  virtual void stepped(const StepReport&) {}
  /// Statistics are measured, or images validated: done, in all.
  virtual void validating(std::int64_t, std::int64_t) {}
  /// Comes before the epoch's checkpoint: files that show the epoch say more than the checkpoint, never less.
  virtual void epoch_measured(const EpochReport&) {}
  /// The run is to be resumable from here.
  virtual void checkpoint(const Progress&, TrainStep&) {}
  /// Everything of the epoch is saved.
  virtual void epoch_ended(const EpochMetrics&, bool /*best*/) {}
  virtual void ended(bool /*interrupted*/) {}
  /// Instead of ended(), when an error ends the run after started().
  virtual void failed() {}
};

/// Several as one, called in the order in which they were added.
class RunListeners final : public RunListener {
 public:
  void add(std::unique_ptr<RunListener> listener) { listeners_.push_back(std::move(listener)); }

  void started(const RunStart& start) override;
  void preparing(std::int64_t done, std::int64_t all) override;
  void first_batch(const Batch& batch, std::int64_t step) override;
  void stepped(const StepReport& report) override;
  void validating(std::int64_t done, std::int64_t all) override;
  void epoch_measured(const EpochReport& report) override;
  void checkpoint(const Progress& progress, TrainStep& step) override;
  void epoch_ended(const EpochMetrics& metrics, bool best) override;
  void ended(bool interrupted) override;
  /// Every one is called; what they throw becomes a warning.
  void failed() override;

 private:
  std::vector<std::unique_ptr<RunListener>> listeners_;
};

}  // namespace alexnet
