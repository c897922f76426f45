#include "train/train_step.h"

#include <algorithm>
#include <cstring>
#include <iterator>

#include "base/parallel.h"
#include "engine/registry/registry.h"
#include "formats/finite.h"
#include "inference/evaluate_batches.h"
#include "model/geometry.h"
#include "train/adamw.h"
#include "train/class_weights.h"
#include "train/freeze.h"
#include "train/optimizer_kernels.h"
#include "train/prefix_features.h"
#include "train/sgd.h"

namespace alexnet {
namespace {

std::unique_ptr<CompiledNetwork> compile_for_training(const Plan& plan, std::size_t prefix) {
  CompileOptions options;
  options.batch = plan.config.batch;
  options.training = true;
  options.frozen = frozen_behind(plan, prefix);
  options.convolution = convolution_from_string(plan.config.convolution);
  options.precision = precision_from_string(plan.config.precision);
  return find_engine(plan.config.engine)
      .compile(part_of(plan.spec, prefix, plan.spec.layers.size()), options);
}

std::unique_ptr<Optimizer> make_optimizer(const Plan& plan, std::size_t prefix, CompiledNetwork& network) {
  const TrainConfig& config = plan.config;
  const std::vector<bool> frozen = frozen_behind(plan, prefix);
  const std::vector<float> rates = layer_rates(plan.spec, config.layer_lr);
  const OptimizerOptions options{
      .weight_decay = config.weight_decay,
      .bias_lr = config.bias_lr,
      .layer_lr = {rates.begin() + static_cast<std::ptrdiff_t>(prefix), rates.end()},
      .clip = config.clip};
  const auto& layout = network.parameter_layout();
  const std::size_t size = network.parameters().size();
  if (config.optimizer == "sgd") return std::make_unique<Sgd>(layout, size, frozen, config.momentum, options);
  return std::make_unique<AdamW>(
      layout, size, frozen,
      AdamOptions{.beta1 = config.beta1, .beta2 = config.beta2, .epsilon = config.adam_epsilon}, options);
}

}  // namespace

TrainStep::TrainStep(const Plan& plan, std::size_t prefix)
    : prefix_(part_of(plan.spec, 0, prefix)),
      seed_(plan.config.seed),
      mixes_(plan.config.mixup > 0),
      classes_(static_cast<int>(plan.data.classes.size())),
      class_weights_(class_weights(plan.config.class_weights, *plan.data.train, plan.data.classes.size())),
      label_smoothing_(static_cast<float>(plan.config.label_smoothing)),
      mixup_(plan.config.mixup, plan.config.seed, plan.config.batch),
      network_(compile_for_training(plan, prefix)),
      optimizer_(make_optimizer(plan, prefix, *network_)),
      average_(network_->parameters().size(), plan.config.ema) {}

void TrainStep::start(const NamedTensors& weights) {
  load(weights);
  average_.start(network_->parameters());
}

void TrainStep::restore(const Checkpoint& checkpoint, const std::filesystem::path& path) {
  alexnet::restore(checkpoint, path, *network_, kept_slabs());
  network_->parameters_changed();
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
  result.loss = softmax_cross_entropy(network_->logits(), targets_, {label_smoothing_, class_weights_},
                                      network_->logits_gradient());
  network_->backward();
  result.l2_loss =
      prefix_l2_ + optimizer_->step(network_->parameters(), network_->gradients(), learning_rate, step + 1);
  average_.take(network_->parameters(), step + 1);
  network_->parameters_changed();
  return result;
}

void TrainStep::measure_statistics(const Batch& batch) {
  put_in(batch);
  network_->forward({Pass::kStatistics, seed_, 0});
}

void TrainStep::finish_statistics() {
  network_->finish_statistics();
  network_->parameters_changed();
}

Evaluation TrainStep::evaluate(BatchSource& source,
                               const std::function<void(std::int64_t, std::int64_t)>& progress) {
  return evaluate_batches(*network_, source, classes_, progress);
}

std::string TrainStep::not_finite() const {
  if (!all_finite(network_->parameters())) return "weights are";
  if (!all_finite(network_->statistics())) return "the statistics of batch normalisation are";
  return {};
}

NamedTensors TrainStep::weights() {
  NamedTensors all = network_->save();
  all.insert(prefix_weights_.begin(), prefix_weights_.end());
  return all;
}

std::size_t TrainStep::checkpoint_bytes() {
  std::size_t floats = network_->parameters().size() + network_->statistics().size();
  for (const NamedSlab& slab : kept_slabs()) floats += slab.values.size();
  return floats * sizeof(float);
}

void TrainStep::save_checkpoint(const std::filesystem::path& path, const Progress& progress,
                                const RunIdentity& identity) {
  alexnet::save_checkpoint(path, progress, identity, *network_, kept_slabs(), prefix_weights_);
}

double TrainStep::squared_change(const SlabEntry& entry) const {
  return optimizer_->squared_change(entry, network_->parameters());
}

void TrainStep::exchange_average() {
  if (!average_.on()) return;
  average_.exchange(network_->parameters());
  network_->parameters_changed();
}

std::vector<NamedSlab> TrainStep::kept_slabs() {
  std::vector<NamedSlab> slabs = optimizer_->state();
  std::ranges::copy(average_.state(), std::back_inserter(slabs));
  return slabs;
}

}  // namespace alexnet
