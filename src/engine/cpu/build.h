// Turns the plan of a network into the operations that compute it.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "engine/cpu/operations/operation.h"
#include "engine/cpu/plan/plan.h"

namespace alexnet::cpu {

/// An operation and the layers [first, last) it computes; none for a change of layout.
struct PlannedOperation {
  std::unique_ptr<Operation> operation;
  std::size_t first = 0, last = 0;
};

std::vector<PlannedOperation> build_operations(const NetworkPlan& plan);

}  // namespace alexnet::cpu
