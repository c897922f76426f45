#include "engine/host/host_network.h"

#include <algorithm>
#include <iterator>

#include "alexnet/error.h"
#include "engine/host/adamw.h"
#include "engine/host/sgd.h"
#include "tensor/finite.h"

namespace alexnet {

void HostNetwork::make_slabs(std::size_t parameters, std::size_t statistics) {
  parameters_ = Slab(parameters);
  statistics_ = Slab(statistics);
  if (has_gradients()) gradients_ = Slab(parameters);
  if (options_.update) make_optimizer();
}

void HostNetwork::make_optimizer() {
  const UpdateRule& rule = *options_.update;
  const std::size_t size = parameters_.size();
  std::vector<bool> frozen = options_.frozen;
  frozen.resize(spec_.layers.size());
  const OptimizerOptions options{.weight_decay = rule.weight_decay,
                                 .bias_lr = rule.bias_lr,
                                 .layer_lr = rule.layer_lr,
                                 .clip = rule.clip};
  switch (rule.optimizer) {
    case UpdateRule::Optimizer::kSgd:
      optimizer_ = std::make_unique<Sgd>(parameter_layout_, size, frozen, rule.momentum, options);
      break;
    case UpdateRule::Optimizer::kAdamW:
      optimizer_ = std::make_unique<AdamW>(
          parameter_layout_, size, frozen,
          AdamOptions{.beta1 = rule.beta1, .beta2 = rule.beta2, .epsilon = rule.epsilon}, options);
      break;
  }
  kept_ = optimizer_->state();
  if (rule.average <= 0) return;
  average_ = std::make_unique<WeightAverage>(size, rule.average);
  kept_.push_back(average_->state());
}

void HostNetwork::load(const NamedTensors& weights) {
  check(weights);
  for (const SlabEntry& entry : parameter_layout_) {
    const TensorView& tensor = find_tensor(weights, entry.info);
    if (!take_view(entry, tensor))
      from_canonical(entry, tensor.values.data(), parameters_.data() + entry.offset);
  }
  for (const SlabEntry& entry : statistics_layout_)
    from_canonical(entry, find_tensor(weights, entry.info).values.data(), statistics_.data() + entry.offset);
  if (average_) average_->start(parameters());
  parameters_changed();
}

std::span<float> HostNetwork::floats(SlabId slab) {
  switch (slab) {
    case SlabId::kParameters:
      return parameters_.span();
    case SlabId::kGradients:
      return gradients_.span();
    case SlabId::kStatistics:
      return statistics_.span();
    default:
      const auto found = std::ranges::find(kept_, slab, &KeptSlab::id);
      return found == kept_.end() ? std::span<float>() : found->values;
  }
}

std::size_t HostNetwork::slab_size(SlabId slab) const {
  return const_cast<HostNetwork*>(this)->floats(slab).size();  // of which only the size is looked at
}

std::vector<SlabId> HostNetwork::kept_slabs() const {
  std::vector<SlabId> ids;
  std::ranges::transform(kept_, std::back_inserter(ids), &KeptSlab::id);
  return ids;
}

std::span<const float> HostNetwork::download(SlabId slab, std::size_t offset, std::size_t count) {
  return floats(slab).subspan(offset, count);
}

void HostNetwork::upload(SlabId slab, std::size_t offset, std::span<const float> values) {
  std::ranges::copy(values, floats(slab).subspan(offset, values.size()).begin());
  note_write(slab);
}

void HostNetwork::read(SlabId slab, const SlabEntry& entry, std::span<float> canonical) {
  to_canonical(entry, floats(slab).data() + entry.offset, canonical.data());
}

void HostNetwork::write(SlabId slab, const SlabEntry& entry, std::span<const float> canonical) {
  from_canonical(entry, canonical.data(), floats(slab).data() + entry.offset);
  note_write(slab);
}

void HostNetwork::note_write(SlabId slab) {
  uploaded_ |= slab == SlabId::kParameters || slab == SlabId::kStatistics;
}

bool HostNetwork::all_finite(SlabId slab) { return alexnet::all_finite(floats(slab)); }

void HostNetwork::forward(const PassOptions& options) {
  if (options.pass == Pass::kTraining && !options_.training)
    throw UsageError("training pass", "the network was compiled for inference");
  if (uploaded_) parameters_changed();
  uploaded_ = false;
  compute(options);
}

LossResult HostNetwork::loss(const Targets& targets, const LossOptions& options) {
  check_targets(targets, options);
  return softmax_cross_entropy(logits(), targets, options, logits_gradient());
}

void HostNetwork::set_logits_gradient(std::span<const float> values) {
  check_logits_gradient(values);
  std::ranges::copy(values, logits_gradient().begin());
}

void HostNetwork::finish_statistics() {
  compute_statistics();
  parameters_changed();
}

double HostNetwork::update(double lr, std::int64_t number) {
  if (!optimizer_)
    throw UsageError("update", "was not planned when the network was compiled", "set CompileOptions::update");
  const double l2_loss = optimizer_->step(parameters(), gradients(), lr, number);
  if (average_) average_->take(parameters(), number);
  parameters_changed();
  return l2_loss;
}

double HostNetwork::squared_change(const SlabEntry& entry) {
  return optimizer_ ? optimizer_->squared_change(entry, parameters()) : 0;
}

void HostNetwork::exchange_average() {
  if (!average_) return;
  average_->exchange(parameters());
  parameters_changed();
}

}  // namespace alexnet
