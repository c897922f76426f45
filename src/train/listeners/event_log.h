// What a run tells TensorBoard: RUN/tensorboard/train and RUN/tensorboard/validation.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>

#include "alexnet/evaluate.h"
#include "alexnet/train.h"
#include "base/stopwatch.h"
#include "data/loader/loader.h"
#include "tensorboard/event_file.h"
#include "train/loop/run_listener.h"
#include "train/plan/plan.h"

namespace alexnet {

/// Everything stands at a number of steps, also what is reported once an epoch: what a killed process wrote
/// beyond its checkpoint is then recognised by that number.
///
/// Scalars of every step and epoch cost next to nothing. What walks over all weights or draws images is
/// left out for a while when it has taken more than half a percent of the run's time: how often it is written
/// follows from what it costs. The first is always written, and so is the last epoch's. What fraction of the
/// run's time all of it took is a scalar itself, "epoch/event files".
class EventLog final : public RunListener {
 public:
  /// `plan` must outlive it.
  EventLog(const Plan& plan, std::filesystem::path folder);

  /// Takes back what was written about later steps by a process that was killed. An epoch that was reported
  /// already is not written twice.
  void started(const RunStart& start) override;
  /// What augmentation makes of images.
  void first_batch(const Batch& batch, std::int64_t step) override;
  void stepped(const StepReport& report) override;
  void epoch_measured(const EpochReport& report) override;
  void ended(bool interrupted) override;

 private:
  /// May something that takes time be written?
  bool affordable() const;
  void write_metrics(const EpochReport& report);
  void write_distributions(std::int64_t step, TrainStep& made);
  void write_activations(std::int64_t step, const Model& model, std::span<const float> images);
  void write_images(std::int64_t step, const std::optional<Evaluation>& validation, const Model& model);

  const Plan& plan_;
  std::filesystem::path folder_;
  std::optional<EventFile> train_, validation_;  // from the start on; the second where there is such data
  Stopwatch run_;
  double spent_ = 0;
  std::int64_t distributions_at_ = 0;     // step of the last
  std::optional<std::int64_t> reported_;  // step at which another process reported an epoch's end
};

}  // namespace alexnet
