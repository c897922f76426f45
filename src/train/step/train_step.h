// One step of training, and all that steps change: weights, statistics, and what is kept beside them.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "alexnet/evaluate.h"
#include "data/loader/loader.h"
#include "engine/compiled_network.h"
#include "engine/loss.h"
#include "train/plan/plan.h"
#include "train/step/checkpoint.h"
#include "train/step/mixup.h"

namespace alexnet {

/// The network in training. Nothing else touches its slabs; what a step computes is a function of these, the
/// batch, the step's number and the learning rate.
class TrainStep {
 public:
  struct Result {
    LossResult loss;     // cross-entropy, of the weights before the step
    double l2_loss = 0;  // the same, of all layers, frozen ones included
  };

  /// Compiles the plan's network behind its prefix, of whose features batches are then made.
  explicit TrainStep(const Plan& plan);

  /// Continues from a checkpoint, whose path is for messages. DataError.
  void restore(const Checkpoint& checkpoint, const std::filesystem::path& path);
  /// Takes weights and statistics, those of the prefix included; the average starts anew. DataError as
  /// CompiledNetwork::load().
  void load(const NamedTensors& weights);

  /// Writes a batch into the network's input, mixed where the settings say so. Returns what the network is
  /// about to see; valid until the next batch.
  Batch take(const Batch& batch, std::int64_t step);
  /// Learns from that batch. `step`: 0 for the run's first. Nothing is allocated.
  Result learn(std::int64_t step, double learning_rate);

  /// Whether there is batch normalisation, whose statistics can be measured.
  bool has_statistics() const { return !network_->statistics_layout().empty(); }
  /// Statistics measured anew: begin, a few batches, finish.
  void begin_statistics() { network_->begin_statistics(); }
  void measure_statistics(const Batch& batch);
  void finish_statistics() { network_->finish_statistics(); }

  /// As evaluate_batches().
  Evaluation evaluate(BatchSource& source, const std::function<void(std::int64_t, std::int64_t)>& progress);
  /// What is no longer finite, "weights are"; empty where all of them are finite.
  std::string not_finite() const;

  /// Weights and statistics of the whole network, prefix included.
  NamedTensors weights();
  /// Those of the prefix.
  const NamedTensors& prefix_weights() const { return prefix_weights_; }

  /// Bytes of everything that a checkpoint copies.
  std::size_t checkpoint_bytes();
  /// As alexnet::save_checkpoint().
  void save_checkpoint(const std::filesystem::path& path, const RunState& state);

  /// For those who look at weights and gradients, and at the input of the last pass.
  CompiledNetwork& network() { return *network_; }

 private:
  friend class WithAverage;

  void keep_prefix(const NamedTensors& from);
  /// Writes a batch into the network's input, as it is.
  void put_in(const Batch& batch);

  NetworkSpec prefix_;  // its layers alone
  std::uint64_t seed_;
  bool mixes_;
  int classes_;
  std::vector<float> class_weights_;
  float label_smoothing_;
  Mixup mixup_;
  Targets targets_;  // of the batch taken
  std::unique_ptr<CompiledNetwork> network_;
  NamedTensors prefix_weights_;
  double prefix_l2_ = 0;  // their part of every step's loss, which frozen layers have too
};

/// While it lives the network has the averaged weights, where they are averaged.
class WithAverage {
 public:
  explicit WithAverage(TrainStep& step) : step_(step) { step_.network_->exchange_average(); }
  ~WithAverage() { step_.network_->exchange_average(); }
  WithAverage(const WithAverage&) = delete;
  WithAverage& operator=(const WithAverage&) = delete;

 private:
  TrainStep& step_;
};

}  // namespace alexnet
