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
#include "data/loader.h"
#include "tensorboard/event_file.h"
#include "train/plan.h"
#include "train/train_step.h"

namespace alexnet {

/// Figures of one step alone, not means over several.
struct StepFigures {
  double cross_entropy = 0, l2_loss = 0, lr = 0;
  int top1 = 0, top5 = 0;  // pictures of the batch
  double seconds = 0, waited = 0;
};

/// Everything stands at a number of steps, also what is told once an epoch: what a killed process wrote
/// beyond its checkpoint can then be told by that number.
///
/// Scalars of every step and epoch cost next to nothing. What walks over all weights or draws pictures is
/// left out for a while when it has taken more than half a percent of the run's time: how often it is written
/// follows from what it costs. The first is always written, and so is the last epoch's. What share of the
/// run's time all of it took is a scalar itself, "epoch/event files".
class EventLog {
 public:
  /// Writes nothing, ever, with --tensorboard off. `plan` must outlive it.
  EventLog(const Plan& plan, std::filesystem::path folder);

  /// A run starts after `step` steps (0: anew). Takes back what was written about later ones by a process
  /// that was killed. `epoch_told`: what an epoch that ends there has to tell was written by an earlier
  /// process, and is not written twice.
  void begin(std::int64_t step, bool epoch_told);
  /// An epoch's first batch, from which `step` is about to learn: what augmentation made of the pictures.
  void first_batch(const Batch& batch, std::int64_t step);
  void step(std::int64_t step, const StepFigures& figures, TrainStep& made);
  /// `last`: the run ends with it. `pictures`: inputs of the whole network, to look at activations with;
  /// empty where there are none at hand.
  void epoch(const EpochMetrics& metrics, const std::optional<Evaluation>& validation, bool best, bool last,
             const Model& model, std::span<const float> pictures);
  void end();

 private:
  bool on() const { return train_.has_value(); }
  /// May something that takes time be written?
  bool affordable() const;
  void write_figures(const EpochMetrics& metrics, const std::optional<Evaluation>& validation, bool best);
  void write_distributions(std::int64_t step, TrainStep& made);
  void write_activations(std::int64_t step, const Model& model, std::span<const float> pictures);
  void write_pictures(std::int64_t step, const std::optional<Evaluation>& validation, const Model& model);

  const Plan& plan_;
  std::filesystem::path folder_;
  std::optional<EventFile> train_, validation_;
  Stopwatch run_;
  double spent_ = 0;
  std::int64_t distributions_at_ = 0;  // step of the last
  std::optional<std::int64_t> told_;   // step at which another process told of an epoch's end
  // Since the epoch, or this process, began.
  std::int64_t steps_ = 0, pictures_ = 0, top1_ = 0, top5_ = 0;
  double cross_entropy_ = 0;
};

}  // namespace alexnet
