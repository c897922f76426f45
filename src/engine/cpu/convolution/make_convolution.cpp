#include "engine/cpu/convolution/make_convolution.h"

#include "engine/cpu/convolution/direct_convolution.h"
#include "engine/cpu/convolution/joined_groups.h"
#include "engine/cpu/convolution/unit_stride_operation.h"

namespace alexnet::cpu {
namespace {

template <class Whole>
std::unique_ptr<Operation> with_groups(std::string name, const ConvolutionPlan& plan) {
  if (plan.joins_groups()) return std::make_unique<JoinedGroups<Whole>>(std::move(name), plan);
  return std::make_unique<Whole>(std::move(name), plan);
}

}  // namespace

std::unique_ptr<Operation> make_convolution(std::string name, const ConvolutionPlan& plan) {
  if (plan.algorithm == ConvolutionAlgorithm::kDirect)
    return with_groups<DirectConvolution>(std::move(name), plan);
  return with_groups<UnitStrideOperation>(std::move(name), plan);
}

}  // namespace alexnet::cpu
