// Winograd convolution: 3x3 and 5x5 kernels.
//
// A tile of m x m outputs costs (m + r - 1)^2 multiplications per pair of channels instead of m^2 r^2: 5.1
// times fewer for F(6x6, 3x3), 6.3 times fewer for F(4x4, 5x5). What remains are matrix products, one per
// point, over all tiles of a block; transforms go before and after (Lavin & Gray, "Fast algorithms for
// convolutional neural networks", CVPR 2016).
//
// Images laid side by side make a canvas, which is tiled: tiles fit it almost without waste.
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/cpu/convolution/unit_stride_algorithm.h"
#include "engine/cpu/kernels/simd/winograd.h"

namespace alexnet::cpu {

class WinogradConvolution final : public UnitStrideAlgorithm {
 public:
  /// A kernel of 3 or 5.
  explicit WinogradConvolution(const UnitStrideShape& shape);

  /// Multiplications left, as a fraction of direct convolution's.
  double multiplication_fraction() const;

  std::size_t transformed_size() const override;
  std::size_t workspace_size() const override;
  std::size_t gradient_workspace_size() const override;
  void transform_weights(const float* weights, float* transformed) const override;
  void forward(const float* x, const float* gate, const float* transformed, const float* bias, bool relu,
               float* y, float* workspace) const override;
  void backward_weights(const float* x, const float* y_gradient, const float* gate, float* weights_gradient,
                        float* bias_gradient, float* workspace) const override;

 private:
  /// Ranges of tiles of a block.
  std::int64_t tile_ranges(std::int64_t index) const;
  /// Where `at_once` blocks are in work at the same time.
  WinogradBlock block(std::int64_t index, std::int64_t at_once, float* workspace) const;
  /// Floats of work space for one block.
  std::size_t block_size() const;

  WinogradTiling tiling_;
  int block_ = 0;            // tiles of a block, but for the last one
  std::int64_t blocks_ = 0;  // of the batch
};

}  // namespace alexnet::cpu
