#include "engine/cpu/convolution/convolution_operation.h"

#include "engine/cpu/kernels/simd/elementwise.h"

namespace alexnet::cpu {

MemoryNeeds ConvolutionOperation::needs() const {
  MemoryNeeds needs;
  needs.keeps_input = plan_.parameter_gradients;
  needs.keeps_output = plan_.training && plan_.masks_relu;
  return needs;
}

std::size_t ConvolutionOperation::parameter_count(const ParameterInfo& info) const {
  if (info.role == Role::kKernel) return weights_count();
  return static_cast<std::size_t>(output().blocks()) * static_cast<std::size_t>(output().block);
}

void ConvolutionOperation::bind_parameter(const ParameterInfo& info, float* value, float* gradient) {
  (info.role == Role::kKernel ? weights_ : bias_) = value;
  (info.role == Role::kKernel ? weights_gradient_ : bias_gradient_) = gradient;
}

void ConvolutionOperation::to_canonical(const ParameterInfo& info, const float* own, float* canonical) const {
  if (info.role == Role::kKernel)
    weights_to_canonical(own, canonical);
  else
    Operation::to_canonical(info, own, canonical);
}

void ConvolutionOperation::from_canonical(const ParameterInfo& info, const float* canonical,
                                          float* own) const {
  if (info.role == Role::kKernel)
    weights_from_canonical(canonical, own);
  else
    Operation::from_canonical(info, canonical, own);
}

void ConvolutionOperation::backward() {
  if (plan_.masks_relu && !masks_itself())
    mask_relu(memory_.output, memory_.output_gradient, output().count());
  if (plan_.parameter_gradients) backward_weights();
  if (plan_.input_gradient) backward_data();
}

}  // namespace alexnet::cpu
