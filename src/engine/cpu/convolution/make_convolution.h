// Which algorithm computes a convolution.
#pragma once

#include <memory>
#include <string>

#include "engine/cpu/convolution/convolution_operation.h"

namespace alexnet::cpu {

/// The plan as it is computed: without groups where nothing but plain loops computes them as they are,
/// because their channels do not fill blocks, and there is something faster for all channels together.
ConvolutionPlan with_fast_groups(const ConvolutionPlan& plan);

/// By matrix tiles where rounding is allowed and the processor has them; else by Winograd's algorithm where
/// that is likely to be faster and Convolution::kDirect does not forbid it; else direct.
std::unique_ptr<Operation> make_convolution(std::string name, const ConvolutionPlan& plan);

/// Whether the input should stay plain NCHW: some algorithms read a network's first input so.
bool reads_plain_input(const ConvolutionPlan& plan);

}  // namespace alexnet::cpu
