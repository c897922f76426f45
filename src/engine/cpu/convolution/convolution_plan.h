// How a convolution is computed, as data.
#pragma once

#include "alexnet/network.h"
#include "engine/cpu/onednn/convolution.h"

namespace alexnet::cpu {

/// oneDNN's direct convolution; Winograd's algorithm; products of bf16 tiles. The latter two are this
/// engine's own, for square kernels and strides of 1: they fold larger square strides into channels
/// (space_to_depth.h).
enum class ConvolutionAlgorithm { kDirect, kWinograd, kTiles };

struct ConvolutionPlan {
  /// As it is computed: with one group where groups are joined.
  ConvGeometry geometry;
  /// So many groups, whose channels fill no blocks, are computed as one convolution of all channels.
  int joined_groups = 1;
  ConvolutionAlgorithm algorithm = ConvolutionAlgorithm::kDirect;
  bool relu = false;
  /// backward() turns the gradient of the ReLU's output into that of its input first. Not needed when the
  /// operation behind does it (NormalisePoolDropLayers::after_relu).
  bool masks_relu = false;
  bool training = false;
  bool parameter_gradients = false;
  bool input_gradient = false;
  /// Rounds its input and weights to bf16, and in training the gradient of its output.
  bool bf16 = false;

  bool joins_groups() const { return joined_groups > 1; }
  /// Computes strides over squares of a plain image.
  bool folds() const { return algorithm != ConvolutionAlgorithm::kDirect && !geometry.has_unit_stride(); }
};

ConvGeometry convolution_geometry(const Conv& conv, const Layout& input, const Layout& output);

}  // namespace alexnet::cpu
