// Builds what computes a convolution.
#pragma once

#include <memory>
#include <string>

#include "engine/cpu/convolution/convolution_plan.h"
#include "engine/cpu/operations/operation.h"

namespace alexnet::cpu {

std::unique_ptr<Operation> make_convolution(std::string name, const ConvolutionPlan& plan);

}  // namespace alexnet::cpu
