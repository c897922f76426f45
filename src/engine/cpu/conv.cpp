#include "engine/cpu/conv.h"

#include <algorithm>

#include "engine/cpu/elementwise.h"
#include "engine/cpu/unit_stride_conv.h"
#include "model/geometry.h"

namespace alexnet::cpu {
namespace {

/// oneDNN's direct convolution.
class DirectConv final : public ConvOperation {
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

std::unique_ptr<Operation> make_conv(std::string name, const ConvPlan& plan) {
  if (UnitStrideConv::suits(plan)) return std::make_unique<UnitStrideConv>(std::move(name), plan);
  return std::make_unique<DirectConv>(std::move(name), plan);
}

bool reads_plain_input(const ConvPlan& plan) {
  return UnitStrideConv::suits(plan) ? UnitStrideConv::reads_plain_input(plan)
                                     : prefers_plain_input(plan.geometry);
}

}  // namespace alexnet::cpu
