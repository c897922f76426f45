// Which algorithm computes a convolution.
#pragma once

#include "engine/compiled_network.h"
#include "engine/cpu/convolution/convolution_plan.h"
#include "engine/cpu/plan/processor.h"

namespace alexnet::cpu {

/// A convolution, and what is allowed.
struct ConvolutionWish {
  ConvGeometry geometry;
  bool training = false;
  Convolution convolution = Convolution::kAuto;
  bool bf16 = false;  // may round its input and weights, and in training the gradient of its output
};

struct ConvolutionChoice {
  ConvolutionAlgorithm algorithm = ConvolutionAlgorithm::kDirect;
  /// Its groups are computed as one convolution: nothing but plain loops computes them as they are, because
  /// their channels do not fill blocks, and there is something faster for all channels together.
  bool joins_groups = false;
  bool bf16 = false;  // it rounds
};

/// By matrix tiles where rounding is allowed and the processor has them; else by Winograd's algorithm where
/// that is likely to be faster and Convolution::kDirect does not forbid it; else direct.
ConvolutionChoice choose_convolution(const ConvolutionWish& wish, const Processor& processor);

/// Whether its input, a plain image, should stay so: some algorithms read a network's first input plain.
bool reads_plain_input(const ConvolutionWish& wish, const Processor& processor);

}  // namespace alexnet::cpu
