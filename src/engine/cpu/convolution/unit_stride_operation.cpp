#include "engine/cpu/convolution/unit_stride_operation.h"

#include <algorithm>

#include "engine/cpu/convolution/amx_convolution.h"
#include "engine/cpu/convolution/unit_stride_geometry.h"
#include "engine/cpu/convolution/winograd.h"

namespace alexnet::cpu {
namespace {

void add(const float* from, std::size_t count, float* to) {
  for (std::size_t i = 0; i < count; ++i) to[i] += from[i];
}

std::unique_ptr<UnitStrideAlgorithm> algorithm(const ConvolutionPlan& plan, const UnitStrideShape& shape) {
  if (plan.algorithm == ConvolutionAlgorithm::kTiles) return std::make_unique<AmxConvolution>(shape);
  return std::make_unique<WinogradConvolution>(shape);
}

}  // namespace

UnitStrideOperation::UnitStrideOperation(std::string name, const ConvolutionPlan& plan)
    : ConvolutionOperation(std::move(name), plan),
      fold_(folding(plan.geometry)),
      forward_(algorithm(plan, unit_stride_shape(plan.geometry))),
      mirrored_(algorithm(plan, forward_->shape().mirrored())) {
  if (!plan_.training) transformed_ = Slab(groups() * forward_->transformed_size());
}

std::size_t UnitStrideOperation::group_weights_count() const {
  const UnitStrideShape& s = forward_->shape();
  return static_cast<std::size_t>(s.kernel) * static_cast<std::size_t>(s.kernel) *
         static_cast<std::size_t>(s.in) * static_cast<std::size_t>(s.out);
}

UnitStrideOperation::Group UnitStrideOperation::group(std::size_t index) const {
  const UnitStrideShape& s = forward_->shape();
  const auto out = static_cast<std::size_t>(s.out);
  return {index * static_cast<std::size_t>(s.in) * input().pixels(), index * out * output().pixels(),
          index * group_weights_count(), index * out, index * forward_->transformed_size()};
}

template <class Body>
void UnitStrideOperation::each_part(Body&& body) const {
  const auto parts = static_cast<std::size_t>(input().batch / forward_->shape().batch);
  for (std::size_t i = 0; i < parts; ++i)
    body(Part{i, i * input().count() / parts, i * output().count() / parts});
}

MemoryNeeds UnitStrideOperation::needs() const {
  MemoryNeeds needs = ConvolutionOperation::needs();
  const std::size_t folded = folded_size();
  needs.forward_scratch =
      folded + forward_->workspace_size() + (plan_.training ? forward_->transformed_size() : 0);
  if (!plan_.training) return needs;
  if (plan_.parameter_gradients)
    needs.backward_scratch = folded + forward_->gradient_workspace_size() + part_gradient_size();
  if (plan_.input_gradient)
    needs.backward_scratch =
        std::max(needs.backward_scratch, folded + mirrored_->transformed_size() +
                                             mirrored_->workspace_size() + group_weights_count());
  return needs;
}

std::size_t UnitStrideOperation::part_gradient_size() const {
  return fold_ ? weights_count() + static_cast<std::size_t>(forward_->shape().out) : 0;
}

/// Calls visit(own index, canonical index) for every weight of an unfolded convolution.
template <class Visit>
void UnitStrideOperation::each_weight(Visit&& visit) const {
  const UnitStrideShape& s = forward_->shape();
  const std::int64_t groups = plan_.geometry.groups, taps = s.kernel * s.kernel,
                     in = input().extent.channels / groups, out = output().extent.channels / groups;
  for (std::int64_t g = 0; g < groups; ++g)
    for (std::int64_t tap = 0; tap < taps; ++tap)
      for (std::int64_t i = 0; i < in; ++i)
        for (std::int64_t o = 0; o < out; ++o)
          visit(((g * taps + tap) * s.in + i) * s.out + o, ((g * out + o) * in + i) * taps + tap);
}

void UnitStrideOperation::weights_to_canonical(const float* own, float* canonical) const {
  if (fold_)
    unfold_weights(*fold_, own, canonical);
  else
    each_weight([&](std::int64_t from, std::int64_t to) { canonical[to] = own[from]; });
}

void UnitStrideOperation::weights_from_canonical(const float* canonical, float* own) const {
  if (fold_) {
    fold_weights(*fold_, canonical, own);
  } else {
    std::fill_n(own, weights_count(), 0.0F);
    each_weight([&](std::int64_t to, std::int64_t from) { own[to] = canonical[from]; });
  }
}

// Training plans round anew in every step.
Precision UnitStrideOperation::kernel_precision() const {
  return plan_.bf16 && !plan_.training ? Precision::kBf16 : Precision::kFloat32;
}

void UnitStrideOperation::parameters_changed() {
  if (plan_.training) return;
  each_group([&](const Group& g) {
    forward_->transform_weights(weights_ + g.weights, transformed_.data() + g.transformed);
  });
}

const float* UnitStrideOperation::part_input(const Part& part, float* folded) const {
  if (!fold_) return memory_.input + part.input;
  fold_image(*fold_, memory_.input + part.input, folded);
  return folded;
}

void UnitStrideOperation::forward(const PassOptions& /*options*/) {
  float* folded = memory_.forward_scratch;
  float* workspace = folded + folded_size();
  each_group([&](const Group& g) {
    float* made = workspace + forward_->workspace_size();
    if (plan_.training) forward_->transform_weights(weights_ + g.weights, made);
    const float* transformed = plan_.training ? made : transformed_.data() + g.transformed;
    each_part([&](const Part& part) {
      forward_->forward(part_input(part, folded) + g.input, nullptr, transformed, bias_ + g.bias, plan_.relu,
                        memory_.output + g.output + part.output, workspace);
    });
  });
}

void UnitStrideOperation::backward_weights() {
  float* folded = memory_.backward_scratch;
  float* weights = folded + folded_size();
  float* bias = weights + (fold_ ? weights_count() : 0);
  float* workspace = weights + part_gradient_size();
  each_group([&](const Group& g) {
    each_part([&](const Part& part) {
      const bool first = part.index == 0;
      forward_->backward_weights(
          part_input(part, folded) + g.input, memory_.output_gradient + g.output + part.output, gate(g, part),
          first ? weights_gradient_ + g.weights : weights, first ? bias_gradient_ + g.bias : bias, workspace);
      if (first) return;
      add(weights, group_weights_count(), weights_gradient_ + g.weights);
      add(bias, static_cast<std::size_t>(forward_->shape().out), bias_gradient_ + g.bias);
    });
  });
  if (fold_) clear_beyond_kernel(*fold_, weights_gradient_);
}

void UnitStrideOperation::backward_data() {
  float* folded = memory_.backward_scratch;
  float* transformed = folded + folded_size();
  float* workspace = transformed + mirrored_->transformed_size();
  float* rotated = workspace + mirrored_->workspace_size();
  each_group([&](const Group& g) {
    rotate_weights(forward_->shape(), weights_ + g.weights, rotated);
    mirrored_->transform_weights(rotated, transformed);
    each_part([&](const Part& part) {
      float* gradient = memory_.input_gradient + part.input;
      mirrored_->forward(memory_.output_gradient + g.output + part.output, gate(g, part), transformed,
                         nullptr, false, fold_ ? folded : gradient + g.input, workspace);
      if (fold_) unfold_image(*fold_, folded, gradient);
    });
  });
}

}  // namespace alexnet::cpu
