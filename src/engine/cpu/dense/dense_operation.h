// Fully connected layers, with the ReLU behind them.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "engine/cpu/dense/amx_dense.h"
#include "engine/cpu/dense/dense_plan.h"
#include "engine/cpu/dense/rounded_weights.h"
#include "engine/cpu/operations/operation.h"

namespace alexnet::cpu {

class DenseOperation final : public Operation {
 public:
  /// Input and output are flat: rows of padded length. Weights stay [units][in], so that a mapped model file
  /// can be read in place.
  DenseOperation(std::string name, Layout input, Layout output, const DensePlan& plan);

  MemoryNeeds needs() const override;
  std::size_t parameter_count(const ParameterInfo& info) const override;
  void bind_parameter(const ParameterInfo& info, float* value, float* gradient) override;
  bool takes_view(const ParameterInfo& info) const override {
    return !plan_.training && info.role == Role::kKernel;
  }
  void bind_view(const ParameterInfo& info, const TensorView& tensor) override;
  Precision kernel_precision() const override { return plan_.weights; }
  void forward(const PassOptions& options) override;
  void backward() override;

 private:
  void multiply_bytes();
  void multiply_floats();
  void backward_parameters();
  void backward_input();

  DensePlan plan_;
  std::size_t batch_, in_, units_;
  std::optional<AmxDense> tiles_;  // products in bf16, where that is allowed and pays
  const float* weights_ = nullptr;
  // These or those instead of weights_, as kernel_precision() says.
  std::shared_ptr<const RoundedNumbers<hwy::bfloat16_t>> halves_;
  std::shared_ptr<const ByteRows> bytes_;
  float *bias_ = nullptr, *weights_gradient_ = nullptr, *bias_gradient_ = nullptr;
};

}  // namespace alexnet::cpu
