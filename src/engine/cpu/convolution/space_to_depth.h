// A convolution with stride s is a convolution with stride 1 over an image whose s x s squares have become
// channels. That brings the first layer (11x11, stride 4, 3 channels) to a 3x3 kernel over 48 channels, where
// Winograd works and vectors are full.
#pragma once

#include <cstddef>
#include <cstdint>

#include "alexnet/network.h"

namespace alexnet::cpu {

struct SpaceToDepth {
  int batch = 0;
  int channels = 0, height = 0, width = 0;  // of the plain NCHW image
  int filters = 0, kernel = 0, stride = 0;  // of the convolution
  int pad_top = 0, pad_left = 0;
  int out_height = 0, out_width = 0;

  /// The kernel over squares: ceil(kernel / stride).
  int folded_kernel() const { return (kernel + stride - 1) / stride; }
  /// channels * stride^2 in the order [channel][row][column], padded to 16.
  int folded_channels() const { return (channels * stride * stride + 15) / 16 * 16; }
  /// Squares down and across: what all windows touch, the convolution's padding included.
  int folded_height() const { return out_height + folded_kernel() - 1; }
  int folded_width() const { return out_width + folded_kernel() - 1; }
  std::size_t folded_size() const;
  /// Where a row of squares begins: floats into the folded images.
  std::int64_t folded_row(std::int64_t image, int block, int row) const;
};

/// NCHW -> [n][folded_channels / 16][folded_height][folded_width][16], the padding and what no window touches
/// as zeros.
void fold_image(const SpaceToDepth& fold, const float* nchw, float* folded);
/// The inverse; pixels that no window touches become zero.
void unfold_image(const SpaceToDepth& fold, const float* folded, float* nchw);

/// Weights [filters][channels][kernel][kernel] <-> [k][k][folded_channels][out] with k = folded_kernel(), out
/// = filters padded to 16. fold_weights writes zeros where the folded kernel is larger.
void fold_weights(const SpaceToDepth& fold, const float* oihw, float* folded);
void unfold_weights(const SpaceToDepth& fold, const float* folded, float* oihw);
/// Sets to zero what the folded kernel has beyond the real one: a gradient there must not move it.
void clear_beyond_kernel(const SpaceToDepth& fold, float* folded);

}  // namespace alexnet::cpu
