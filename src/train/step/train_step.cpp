#include "train/step/train_step.h"

#include <algorithm>
#include <cstring>

#include "base/parallel.h"
#include "inference/evaluate_batches.h"
#include "model/geometry.h"
#include "tensor/squares.h"

namespace alexnet {
namespace {

/// The values of layers that learn from features, or of all.
template <class Value>
std::vector<Value> behind_prefix(const std::vector<Value>& by_layer, const Plan& plan) {
  return {by_layer.begin() + static_cast<std::ptrdiff_t>(plan.prefix), by_layer.end()};
}

std::unique_ptr<CompiledNetwork> compile_for_training(const Plan& plan) {
  CompileOptions options;
  options.batch = plan.config.batch;
  options.training = true;
  options.frozen = behind_prefix(plan.frozen, plan);
  options.update = plan.update;
  options.update->layer_lr = behind_prefix(plan.update.layer_lr, plan);
  options.convolution = plan.convolution;
  options.precision = plan.precision;
  return plan.engine->compile(part_of(plan.spec, plan.prefix, plan.spec.layers.size()), options);
}

}  // namespace

TrainStep::TrainStep(const Plan& plan)
    : prefix_(part_of(plan.spec, 0, plan.prefix)),
      seed_(plan.config.seed),
      mixes_(plan.config.mixup > 0),
      classes_(static_cast<int>(plan.data.classes.size())),
      class_weights_(plan.class_weights),
      label_smoothing_(static_cast<float>(plan.config.label_smoothing)),
      mixup_(plan.config.mixup, plan.config.seed, plan.config.batch),
      network_(compile_for_training(plan)) {}

void TrainStep::restore(const Checkpoint& checkpoint, const std::filesystem::path& path) {
  alexnet::restore(checkpoint, path, *network_);
  keep_prefix(checkpoint.tensors);
}

void TrainStep::load(const NamedTensors& weights) {
  network_->load(weights);
  keep_prefix(weights);
}

void TrainStep::keep_prefix(const NamedTensors& from) {
  prefix_weights_.clear();
  prefix_l2_ = 0;
  for (const ParameterInfo& info : parameters(prefix_)) {
    const auto found = from.find(info.name);
    if (found == from.end()) continue;
    prefix_weights_.insert(*found);
    prefix_l2_ += static_cast<double>(info.l2) * sum_of_squares(found->second.values);
  }
}

void TrainStep::put_in(const Batch& batch) {
  const float* from = batch.images.data();
  float* to = network_->input().data();
  parallel_for(static_cast<std::int64_t>(batch.images.size()), 1 << 16,
               [&](std::int64_t begin, std::int64_t end) {
                 std::memcpy(to + begin, from + begin, static_cast<std::size_t>(end - begin) * sizeof(float));
               });
}

Batch TrainStep::take(const Batch& batch, std::int64_t step) {
  if (mixes_) {
    targets_ = mixup_.put_in(batch, static_cast<std::uint32_t>(step), network_->input());
  } else {
    put_in(batch);
    targets_ = {.labels = batch.labels};
  }
  return {network_->input(), batch.labels, batch.indices};
}

TrainStep::Result TrainStep::learn(std::int64_t step, double learning_rate) {
  network_->forward({Pass::kTraining, seed_, static_cast<std::uint32_t>(step)});
  Result result;
  result.loss = network_->loss(targets_, {label_smoothing_, class_weights_});
  network_->backward();
  result.l2_loss = prefix_l2_ + network_->update(learning_rate, step + 1);
  return result;
}

void TrainStep::measure_statistics(const Batch& batch) {
  put_in(batch);
  network_->forward({Pass::kStatistics, seed_, 0});
}

Evaluation TrainStep::evaluate(BatchSource& source,
                               const std::function<void(std::int64_t, std::int64_t)>& progress) {
  return evaluate_batches(*network_, source, classes_, progress);
}

std::string TrainStep::not_finite() const {
  if (!network_->all_finite(SlabId::kParameters)) return "weights are";
  if (!network_->all_finite(SlabId::kStatistics)) return "the statistics of batch normalisation are";
  return {};
}

NamedTensors TrainStep::weights() {
  NamedTensors all = network_->save();
  all.insert(prefix_weights_.begin(), prefix_weights_.end());
  return all;
}

std::size_t TrainStep::checkpoint_bytes() {
  std::size_t floats = network_->slab_size(SlabId::kParameters) + network_->slab_size(SlabId::kStatistics);
  std::size_t kept = 0;
  for (const SlabEntry& entry : network_->parameter_layout())
    if (is_kept(*network_, entry)) kept += entry.count;
  floats += kept * network_->kept_slabs().size();
  return floats * sizeof(float);
}

void TrainStep::save_checkpoint(const std::filesystem::path& path, const RunState& state) {
  alexnet::save_checkpoint(path, state, *network_, prefix_weights_);
}

}  // namespace alexnet
