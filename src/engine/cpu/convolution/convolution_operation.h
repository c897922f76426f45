// Convolution and bias, a ReLU with them.
#pragma once

#include <string>

#include "engine/cpu/convolution/convolution_plan.h"
#include "engine/cpu/operations/operation.h"

namespace alexnet::cpu {

/// What the algorithms have in common: parameters, the ReLU's mask.
class ConvolutionOperation : public Operation {
 public:
  ConvolutionOperation(std::string name, const ConvolutionPlan& plan)
      : Operation(std::move(name), plan.geometry.input, plan.geometry.output), plan_(plan) {}

  MemoryNeeds needs() const override;
  std::size_t parameter_count(const ParameterInfo& info) const override;
  void bind_parameter(const ParameterInfo& info, float* value, float* gradient) override;
  void to_canonical(const ParameterInfo& info, const float* own, float* canonical) const override;
  void from_canonical(const ParameterInfo& info, const float* canonical, float* own) const override;
  void backward() final;

 protected:
  virtual std::size_t weights_count() const = 0;
  virtual void weights_to_canonical(const float* own, float* canonical) const = 0;
  virtual void weights_from_canonical(const float* canonical, float* own) const = 0;
  /// backward_weights() and backward_data() mask the ReLU themselves, as they read the gradient.
  virtual bool masks_itself() const { return false; }
  /// With the gradient of the convolution's own output in output_gradient.
  virtual void backward_weights() = 0;
  virtual void backward_data() = 0;

  ConvolutionPlan plan_;
  float *weights_ = nullptr, *bias_ = nullptr, *weights_gradient_ = nullptr, *bias_gradient_ = nullptr;
};

}  // namespace alexnet::cpu
