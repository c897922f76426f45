#include "tests/engine/golden.h"

#include <fstream>

namespace alexnet::golden {

const nlohmann::json& ops() {
  static const nlohmann::json values = [] {
    std::ifstream file(ALEXNET_TEST_DATA "/ops.json");
    return nlohmann::json::parse(file);
  }();
  return values;
}

std::vector<float> pattern(int k, std::size_t count) {
  std::vector<float> values(count);
  for (std::size_t i = 0; i < count; ++i)
    values[i] = static_cast<float>((i * 7919 + static_cast<std::size_t>(k) * 104729) % 257) / 128.0F - 1.0F;
  return values;
}

NamedTensors weights(const NetworkSpec& spec) {
  NamedTensors tensors;
  for (const ParameterInfo& info : parameters(spec)) {
    Tensor tensor(info.shape);
    if (info.role == Role::kKernel || info.role == Role::kScale)
      tensor.values = pattern(kKernel, tensor.values.size());
    else if (info.role == Role::kBias || info.role == Role::kShift)
      tensor.values = pattern(kBias, tensor.values.size());
    else if (info.role == Role::kMovingVariance)
      tensor.values.assign(tensor.values.size(), 1.0F);
    tensors[info.name] = TensorView::own(std::move(tensor));
  }
  return tensors;
}

}  // namespace alexnet::golden
