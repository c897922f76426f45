// oneDNN's direct convolution, as an operation of a compiled network.
#pragma once

#include <string>

#include "engine/cpu/convolution/convolution_operation.h"

namespace alexnet::cpu {

class DirectConvolution : public ConvolutionOperation {
 public:
  DirectConvolution(std::string name, const ConvolutionPlan& plan)
      : ConvolutionOperation(std::move(name), plan),
        convolution_(plan.geometry, {plan.relu, plan.parameter_gradients, plan.input_gradient, plan.bf16}) {}

  Layout input_gradient() const override { return {input().batch, input().extent, output().block}; }

  MemoryNeeds needs() const override {
    MemoryNeeds needs = ConvolutionOperation::needs();
    needs.forward_scratch = convolution_.forward_scratch_count();
    needs.backward_scratch = convolution_.backward_scratch_count();
    return needs;
  }

  Precision kernel_precision() const override { return plan_.bf16 ? Precision::kBf16 : Precision::kFloat32; }

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

}  // namespace alexnet::cpu
