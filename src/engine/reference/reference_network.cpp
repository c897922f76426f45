#include "engine/reference/reference_network.h"

#include <algorithm>
#include <utility>

#include "base/stopwatch.h"
#include "engine/host/host_network.h"
#include "engine/reference/operation.h"
#include "tensor/slab.h"

namespace alexnet {
namespace {

using reference::Operation;
using reference::Parameter;
using reference::Site;

/// Lays tensors out one after the other, each aligned, in canonical element order. Returns floats in all.
std::size_t lay_out(const std::vector<ParameterInfo>& tensors, bool trainable,
                    std::vector<SlabEntry>& layout) {
  std::size_t end = 0;
  for (const ParameterInfo& info : tensors) {
    if (info.trainable() != trainable) continue;
    const auto count = static_cast<std::size_t>(element_count(info.shape));
    layout.push_back({info, end, count});
    end += slab_aligned(count);
  }
  return end;
}

/// The list of operations, and all tensors between them: activation 0 is the input, activation i + 1 the
/// output of layer i; with training there is a gradient for each.
class ReferenceNetwork final : public HostNetwork {
 public:
  ReferenceNetwork(const NetworkSpec& spec, const CompileOptions& options) : HostNetwork(spec, options) {
    const std::vector<ParameterInfo> tensors = alexnet::parameters(spec_);
    const std::size_t trainable = lay_out(tensors, true, parameter_layout_);
    make_slabs(trainable, lay_out(tensors, false, statistics_layout_));

    extents_ = {spec_.input};
    for (const Extent& extent : output_shapes(spec_)) extents_.push_back(extent);
    activations_ = lay_out_activations(activation_slab_);
    if (options_.training) activation_gradients_ = lay_out_activations(activation_gradient_slab_);
    // A softmax takes no part in training: the loss is a function of its input.
    logits_ =
        std::holds_alternative<Softmax>(spec_.layers.back().kind) ? extents_.size() - 2 : extents_.size() - 1;
    for (std::size_t i = 0; i < spec_.layers.size(); ++i) {
      const Site here = site(i);
      operations_.push_back(
          std::visit([&](const auto& kind) { return reference::make(kind, here); }, spec_.layers[i].kind));
      times_.push_back({.name = spec_.layers[i].name, .first_layer = i, .last_layer = i + 1});
    }
  }

  std::span<float> input() override { return activations_.front(); }

  std::span<const float> logits() override { return activations_[logits_]; }
  std::span<const float> output() override { return activations_.back(); }
  void read_output(std::string_view layer, std::span<float> nchw) override {
    std::ranges::copy(activations_[output_index(layer) + 1], nchw.begin());
  }

  void backward(const GradientsReady& ready) override {
    ReadyReport report(*this, ready);
    for (std::size_t i = logits_; i-- > first_backward_layer_;) {
      const AddSeconds clock(times_[i].backward);
      operations_[i]->backward(
          activations_[i].data(), activations_[i + 1].data(), activation_gradients_[i + 1].data(),
          i == first_backward_layer_ && !options_.input_gradient ? nullptr : activation_gradients_[i].data());
      report.from_layer(i);
    }
    report.finish();
  }
  void read_input_gradient(std::span<float> nchw) override {
    check_input_gradient();
    std::ranges::copy(activation_gradients_.front(), nchw.begin());
  }

  void begin_statistics() override {
    for (const auto& operation : operations_) operation->begin_statistics();
  }

  std::size_t planned_bytes() const override {
    std::size_t bytes = (activation_slab_.size() + activation_gradient_slab_.size()) * sizeof(float);
    for (const auto& operation : operations_) bytes += operation->work_bytes();
    return bytes;
  }

 protected:
  void to_canonical(const SlabEntry& entry, const float* own, float* canonical) const override {
    std::copy_n(own, element_count(entry.info.shape), canonical);
  }
  void from_canonical(const SlabEntry& entry, const float* canonical, float* own) const override {
    std::copy_n(canonical, element_count(entry.info.shape), own);
  }
  void compute(const PassOptions& options) override {
    for (std::size_t i = 0; i < operations_.size(); ++i) {
      const AddSeconds clock(times_[i].forward);
      operations_[i]->forward(is_frozen(options_, i) ? PassOptions{} : options, activations_[i].data(),
                              activations_[i + 1].data());
    }
  }

  void compute_statistics() override {
    for (const auto& operation : operations_) operation->finish_statistics();
  }

  std::span<float> logits_gradient() override {
    return options_.training ? activation_gradients_[logits_] : std::span<float>();
  }

 private:
  std::vector<std::span<float>> lay_out_activations(Slab& slab) const {
    std::size_t end = 0;
    for (const Extent& extent : extents_) end += slab_aligned(activation_size(extent));
    slab = Slab(end);
    std::vector<std::span<float>> tensors;
    std::size_t offset = 0;
    for (const Extent& extent : extents_) {
      tensors.push_back(slab.span().subspan(offset, activation_size(extent)));
      offset += slab_aligned(activation_size(extent));
    }
    return tensors;
  }
  std::size_t activation_size(const Extent& extent) const {
    return static_cast<std::size_t>(options_.batch * extent.size());
  }

  Site site(std::size_t layer) {
    Site site{.layer = layer, .batch = options_.batch, .in = extents_[layer], .out = extents_[layer + 1]};
    const auto bind = [&](const SlabEntry& entry, std::span<float> values, std::span<float> gradients) {
      if (entry.info.layer != layer) return;
      Parameter parameter{values.subspan(entry.offset, entry.count), {}};
      if (!gradients.empty() && learns(layer))
        parameter.gradient = gradients.subspan(entry.offset, entry.count);
      switch (entry.info.role) {
        case Role::kKernel:
        case Role::kScale:
          site.weight = parameter;
          break;
        case Role::kBias:
        case Role::kShift:
          site.bias = parameter;
          break;
        case Role::kMovingMean:
          site.moving_mean = parameter;
          break;
        case Role::kMovingVariance:
          site.moving_variance = parameter;
          break;
      }
    };
    for (const SlabEntry& entry : parameter_layout_) bind(entry, parameters(), gradients());
    for (const SlabEntry& entry : statistics_layout_) bind(entry, statistics(), {});
    return site;
  }

  std::vector<Extent> extents_;
  Slab activation_slab_, activation_gradient_slab_;
  std::vector<std::span<float>> activations_, activation_gradients_;
  std::vector<std::unique_ptr<Operation>> operations_;
  std::size_t logits_ = 0;  // index into activations_
};

}  // namespace

std::unique_ptr<CompiledNetwork> compile_reference(const NetworkSpec& spec, const CompileOptions& options) {
  return std::make_unique<ReferenceNetwork>(spec, options);
}

}  // namespace alexnet
