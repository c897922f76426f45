#include "engine/cpu/build.h"

#include <variant>

#include "engine/cpu/convolution/make_convolution.h"
#include "engine/cpu/dense/dense_operation.h"
#include "engine/cpu/operations/activation.h"
#include "engine/cpu/operations/average_pool.h"
#include "engine/cpu/operations/lrn.h"
#include "engine/cpu/operations/normalise_pool_drop.h"
#include "engine/cpu/operations/relayout.h"

namespace alexnet::cpu {
namespace {

struct Builder {
  const OperationPlan& plan;
  bool training;

  std::unique_ptr<Operation> operator()(const Entry&) const {
    return make_entry(plan.name, plan.input, plan.output);
  }
  std::unique_ptr<Operation> operator()(const ConvolutionPlan& convolution) const {
    return make_convolution(plan.name, convolution);
  }
  std::unique_ptr<Operation> operator()(const DensePlan& dense) const {
    return std::make_unique<DenseOperation>(plan.name, plan.input, plan.output, dense);
  }
  std::unique_ptr<Operation> operator()(const NormalisePoolDropLayers& layers) const {
    return std::make_unique<NormalisePoolDrop>(plan.name, plan.input, plan.output, layers);
  }
  std::unique_ptr<Operation> operator()(const Activation& activation) const {
    return make_activation(plan.name, plan.output, activation.kind);
  }
  std::unique_ptr<Operation> operator()(const Pool& pool) const {
    return make_average_pool(plan.name, plan.input, plan.output, pool);
  }
  std::unique_ptr<Operation> operator()(const Lrn& lrn) const {
    return make_lrn(plan.name, plan.output, lrn, training);
  }
  std::unique_ptr<Operation> operator()(const Flatten&) const {
    return make_flatten(plan.name, plan.input, plan.output);
  }
};

}  // namespace

std::vector<PlannedOperation> build_operations(const NetworkPlan& plan) {
  std::vector<PlannedOperation> built;
  for (const OperationPlan& operation : plan.operations)
    built.push_back(
        {std::visit(Builder{operation, plan.training}, operation.kind), operation.first, operation.last});
  return built;
}

}  // namespace alexnet::cpu
