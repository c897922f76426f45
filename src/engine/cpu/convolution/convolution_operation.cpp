#include "engine/cpu/convolution/convolution_operation.h"

#include <algorithm>
#include <vector>

#include "engine/cpu/convolution/unit_stride_operation.h"
#include "engine/cpu/kernels/simd/elementwise.h"
#include "model/geometry.h"

namespace alexnet::cpu {
namespace {

/// oneDNN's direct convolution.
class DirectConv : public ConvOperation {
 public:
  DirectConv(std::string name, const ConvPlan& plan)
      : ConvOperation(std::move(name), plan),
        convolution_(plan.geometry, {plan.relu, plan.parameter_gradients, plan.input_gradient,
                                     plan.bf16 && !plan.training}) {}

  Layout input_gradient() const override { return {input().batch, input().extent, output().block}; }

  MemoryNeeds needs() const override {
    MemoryNeeds needs = ConvOperation::needs();
    needs.forward_scratch = convolution_.forward_scratch_count();
    needs.backward_scratch = convolution_.backward_scratch_count();
    return needs;
  }

  Precision kernel_precision() const override {
    return plan_.bf16 && !plan_.training ? Precision::kBf16 : Precision::kFloat32;
  }

  void bind(const Buffers& buffers) override {
    Operation::bind(buffers);
    convolution_.bind({buffers.input, buffers.output, weights_, bias_, buffers.input_gradient,
                       buffers.output_gradient, weights_gradient_, bias_gradient_, buffers.forward_scratch,
                       buffers.backward_scratch});
  }

  void forward(const PassOptions& /*options*/) override { convolution_.forward(); }

 protected:
  std::size_t weights_count() const override { return convolution_.weights_count(); }
  void weights_to_canonical(const float* own, float* canonical) const override {
    convolution_.to_canonical(own, canonical);
  }
  void weights_from_canonical(const float* canonical, float* own) const override {
    convolution_.from_canonical(canonical, own);
  }
  void backward_weights() override { convolution_.backward_weights(); }
  void backward_data() override { convolution_.backward_data(); }

 private:
  OnednnConvolution convolution_;
};

/// A convolution in groups as one of all channels, whose weights between groups are zero and stay so: more to
/// multiply by as many times as there are groups, by kernels that are hundreds of times as fast as plain
/// loops.
template <class Whole>
class JoinedGroups final : public Whole {
 public:
  JoinedGroups(std::string name, const ConvPlan& plan, int groups)
      : Whole(std::move(name), plan), groups_(static_cast<std::size_t>(groups)) {
    if (!plan.parameter_gradients) return;
    const std::vector<float> ones(canonical_count() / groups_, 1.0F);
    std::vector<float> own(Whole::weights_count());
    JoinedGroups::weights_from_canonical(ones.data(), own.data());
    for (std::size_t i = 0; i < own.size(); ++i) {
      if (own[i] != 0) continue;
      if (i == 0 || own[i - 1] != 0) between_.push_back({i, 0});
      ++between_.back().count;
    }
  }

 protected:
  void weights_to_canonical(const float* own, float* canonical) const override {
    std::vector<float> whole(canonical_count());
    Whole::weights_to_canonical(own, whole.data());
    each_filter([&](std::size_t in_whole, std::size_t in_group, std::size_t count) {
      std::copy_n(whole.data() + in_whole, count, canonical + in_group);
    });
  }
  void weights_from_canonical(const float* canonical, float* own) const override {
    std::vector<float> whole(canonical_count());
    each_filter([&](std::size_t in_whole, std::size_t in_group, std::size_t count) {
      std::copy_n(canonical + in_group, count, whole.data() + in_whole);
    });
    Whole::weights_from_canonical(whole.data(), own);
  }
  void backward_weights() override {
    Whole::backward_weights();
    for (const Run& run : between_) std::fill_n(this->weights_gradient_ + run.begin, run.count, 0.0F);
  }

 private:
  struct Run {
    std::size_t begin, count;
  };

  /// Calls visit(where it begins in [out][in][k][k], where in [out][in / groups][k][k], weights) for each
  /// filter's weights for channels of its own group.
  template <class Visit>
  void each_filter(Visit&& visit) const {
    const auto filters = static_cast<std::size_t>(this->output().extent.channels);
    const std::size_t filter = canonical_count() / filters, part = filter / groups_;
    for (std::size_t o = 0; o < filters; ++o)
      visit(o * filter + o / (filters / groups_) * part, o * part, part);
  }
  /// Weights of the whole convolution.
  std::size_t canonical_count() const {
    return static_cast<std::size_t>(this->output().extent.channels) *
           static_cast<std::size_t>(this->input().extent.channels) *
           static_cast<std::size_t>(this->plan_.geometry.kernel) *
           static_cast<std::size_t>(this->plan_.geometry.kernel);
  }

  std::size_t groups_;
  std::vector<Run> between_;  // weights between groups, and padding, in own order; empty unless they learn
};

}  // namespace

ConvGeometry conv_geometry(const Conv& conv, const Layout& input, const Layout& output) {
  const Window rows = window(input.extent.height, conv.kernel, conv.stride, conv.padding);
  const Window columns = window(input.extent.width, conv.kernel, conv.stride, conv.padding);
  // Pixels that no window reaches need no (negative) padding.
  return {input,
          output,
          conv.groups,
          conv.kernel,
          conv.stride,
          rows.pad_before,
          columns.pad_before,
          std::max(rows.pad_after, 0),
          std::max(columns.pad_after, 0)};
}

MemoryNeeds ConvOperation::needs() const {
  MemoryNeeds needs;
  needs.keeps_input = plan_.parameter_gradients;
  needs.keeps_output = plan_.training && plan_.masks_relu;
  return needs;
}

std::size_t ConvOperation::parameter_count(const ParameterInfo& info) const {
  if (info.role == Role::kKernel) return weights_count();
  return static_cast<std::size_t>(output().blocks()) * static_cast<std::size_t>(output().block);
}

void ConvOperation::bind_parameter(const ParameterInfo& info, float* value, float* gradient) {
  (info.role == Role::kKernel ? weights_ : bias_) = value;
  (info.role == Role::kKernel ? weights_gradient_ : bias_gradient_) = gradient;
}

void ConvOperation::to_canonical(const ParameterInfo& info, const float* own, float* canonical) const {
  if (info.role == Role::kKernel)
    weights_to_canonical(own, canonical);
  else
    Operation::to_canonical(info, own, canonical);
}

void ConvOperation::from_canonical(const ParameterInfo& info, const float* canonical, float* own) const {
  if (info.role == Role::kKernel)
    weights_from_canonical(canonical, own);
  else
    Operation::from_canonical(info, canonical, own);
}

void ConvOperation::backward() {
  if (plan_.masks_relu && !masks_itself())
    mask_relu(memory_.output, memory_.output_gradient, output().count());
  if (plan_.parameter_gradients) backward_weights();
  if (plan_.input_gradient) backward_data();
}

ConvPlan with_fast_groups(const ConvPlan& plan) {
  const auto is_fast = [](const ConvPlan& p) {
    return UnitStrideConv::suits(p) || convolves_fast(p.geometry);
  };
  ConvPlan joined = plan;
  joined.geometry.groups = 1;
  return plan.geometry.groups == 1 || is_fast(plan) || !is_fast(joined) ? plan : joined;
}

std::unique_ptr<Operation> make_conv(std::string name, const ConvPlan& wanted) {
  const ConvPlan plan = with_fast_groups(wanted);
  const bool own = UnitStrideConv::suits(plan);
  if (const int groups = wanted.geometry.groups; groups != plan.geometry.groups) {
    if (own) return std::make_unique<JoinedGroups<UnitStrideConv>>(std::move(name), plan, groups);
    return std::make_unique<JoinedGroups<DirectConv>>(std::move(name), plan, groups);
  }
  if (own) return std::make_unique<UnitStrideConv>(std::move(name), plan);
  return std::make_unique<DirectConv>(std::move(name), plan);
}

bool reads_plain_input(const ConvPlan& wanted) {
  const ConvPlan plan = with_fast_groups(wanted);
  return UnitStrideConv::suits(plan) ? UnitStrideConv::reads_plain_input(plan)
                                     : prefers_plain_input(plan.geometry);
}

}  // namespace alexnet::cpu
