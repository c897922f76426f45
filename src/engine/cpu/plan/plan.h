// Turns a network as data into operations: which layers are computed together, in which layouts.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "engine/compiled_network.h"
#include "engine/cpu/operations/operation.h"

namespace alexnet::cpu {

/// An operation and the layers [first, last) it computes; none for a change of layout.
struct PlannedOperation {
  std::unique_ptr<Operation> operation;
  std::size_t first = 0, last = 0;
};

/// The operations in order, each reading what the one before wrote. A trailing softmax is left out, as are,
/// in inference plans, dropout layers. The output of every layer in options.outputs is the output of an
/// operation (or of an earlier one, where the layer does nothing).
std::vector<PlannedOperation> plan_operations(const NetworkSpec& spec, const CompileOptions& options);

}  // namespace alexnet::cpu
