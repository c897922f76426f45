// How a fully connected layer is computed, as data.
#pragma once

#include <cstddef>

#include "engine/compiled_network.h"

namespace alexnet::cpu {

/// Up to this many rows the product is bound by reading the weights, not by computing: without tiles, only
/// then are they rounded, which adds to computing. 8-bit weights go no further with tiles either.
inline constexpr std::size_t kReadingBound = 8;

/// Own kernels that read the weights once for a few rows, up to kReadingBound; oneDNN's matrix product; own
/// kernels for the columns of a product; products of bf16 tiles.
enum class DenseProduct { kSmallBatch, kOnednn, kColumns, kTiles };

struct DensePlan {
  bool relu = false;
  bool masks_relu = false;  // see ConvolutionPlan
  bool training = false;
  bool parameter_gradients = false;
  bool input_gradient = false;
  /// By which product: kSmallBatch, kOnednn or kTiles. With kTiles, gradients are computed so, too.
  DenseProduct forward = DenseProduct::kOnednn;
  /// The input's gradient: kOnednn, kColumns or kTiles.
  DenseProduct backward = DenseProduct::kOnednn;
  /// What forward() reads the weights in: an inference plan's rounded copies.
  Precision weights = Precision::kFloat32;
};

}  // namespace alexnet::cpu
