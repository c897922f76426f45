// Which products compute a fully connected layer, and in which numbers.
#pragma once

#include "engine/cpu/dense/dense_plan.h"
#include "engine/cpu/plan/processor.h"

namespace alexnet::cpu {

/// Fills in the plan's products and the precision of its weights, which may be rounded to `coarsest`.
void choose_products(DensePlan& plan, int batch, Precision coarsest, const Processor& processor);

}  // namespace alexnet::cpu
