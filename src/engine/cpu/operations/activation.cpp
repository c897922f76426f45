#include "engine/cpu/operations/activation.h"

#include "engine/cpu/kernels/simd/elementwise.h"

namespace alexnet::cpu {
namespace {

struct Function {
  void (*value)(const float* x, float* y, std::size_t count);
  void (*gradient)(const float* y, const float* dy, float* dx, std::size_t count);
};

Function function_of(Activation::Kind kind) {
  switch (kind) {
    case Activation::Kind::kRelu:
      return {relu, relu_gradient};
    case Activation::Kind::kTanh:
      return {tanh, tanh_gradient};
    case Activation::Kind::kSigmoid:
      return {sigmoid, sigmoid_gradient};
  }
  return {};
}

class ActivationOperation final : public Operation {
 public:
  ActivationOperation(std::string name, Layout layout, Activation::Kind kind)
      : Operation(std::move(name), layout, layout),
        function_(function_of(kind)),
        zero_stays_zero_(kind != Activation::Kind::kSigmoid) {}

  MemoryNeeds needs() const override {
    MemoryNeeds needs;
    needs.keeps_output = true;
    needs.forward_in_place = true;
    needs.gradient_in_place = true;
    return needs;
  }

  void forward(const PassOptions& /*options*/) override {
    function_.value(memory_.input, memory_.output, output().count());
    if (!zero_stays_zero_) clear_padding(output(), memory_.output);
  }

  void backward() override {
    if (memory_.input_gradient == nullptr) return;
    function_.gradient(memory_.output, memory_.output_gradient, memory_.input_gradient, output().count());
  }

 private:
  Function function_;
  bool zero_stays_zero_;
};

}  // namespace

std::unique_ptr<Operation> make_activation(std::string name, Layout layout, Activation::Kind kind) {
  return std::make_unique<ActivationOperation>(std::move(name), layout, kind);
}

}  // namespace alexnet::cpu
