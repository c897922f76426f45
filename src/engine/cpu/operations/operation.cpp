#include "engine/cpu/operations/operation.h"

#include <algorithm>

namespace alexnet::cpu {

std::size_t Operation::parameter_count(const ParameterInfo& info) const {
  return static_cast<std::size_t>(element_count(info.shape));
}

void Operation::bind_parameter(const ParameterInfo& /*info*/, float* /*value*/, float* /*gradient*/) {}

void Operation::to_canonical(const ParameterInfo& info, const float* own, float* canonical) const {
  std::copy_n(own, element_count(info.shape), canonical);
}

void Operation::from_canonical(const ParameterInfo& info, const float* canonical, float* own) const {
  const auto count = static_cast<std::size_t>(element_count(info.shape));
  std::copy_n(canonical, count, own);
  std::fill(own + count, own + parameter_count(info), 0.0F);
}

}  // namespace alexnet::cpu
