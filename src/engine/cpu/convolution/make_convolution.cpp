#include "engine/cpu/convolution/make_convolution.h"

#include "engine/cpu/convolution/direct_convolution.h"
#include "engine/cpu/convolution/joined_groups.h"
#include "engine/cpu/convolution/unit_stride_operation.h"

namespace alexnet::cpu {

ConvolutionPlan with_fast_groups(const ConvolutionPlan& plan) {
  const auto is_fast = [](const ConvolutionPlan& p) {
    return UnitStrideOperation::suits(p) || convolves_fast(p.geometry);
  };
  ConvolutionPlan joined = plan;
  joined.geometry.groups = 1;
  return plan.geometry.groups == 1 || is_fast(plan) || !is_fast(joined) ? plan : joined;
}

std::unique_ptr<Operation> make_convolution(std::string name, const ConvolutionPlan& wanted) {
  const ConvolutionPlan plan = with_fast_groups(wanted);
  const bool own = UnitStrideOperation::suits(plan);
  if (const int groups = wanted.geometry.groups; groups != plan.geometry.groups) {
    if (own) return std::make_unique<JoinedGroups<UnitStrideOperation>>(std::move(name), plan, groups);
    return std::make_unique<JoinedGroups<DirectConvolution>>(std::move(name), plan, groups);
  }
  if (own) return std::make_unique<UnitStrideOperation>(std::move(name), plan);
  return std::make_unique<DirectConvolution>(std::move(name), plan);
}

bool reads_plain_input(const ConvolutionPlan& wanted) {
  const ConvolutionPlan plan = with_fast_groups(wanted);
  return UnitStrideOperation::suits(plan) ? UnitStrideOperation::reads_plain_input(plan)
                                          : prefers_plain_input(plan.geometry);
}

}  // namespace alexnet::cpu
