// Which source pixels make a pixel of the scaled image, and with what weights.
#pragma once

#include <cstdint>
#include <vector>

#include "image/resample.h"

namespace alexnet {

/// Weights are fixed point with so many bits behind the point (Pillow: 32 bits, less 8 of a pixel, less 2
/// for sums to grow).
inline constexpr int kWeightBits = 32 - 8 - 2;
inline constexpr std::int32_t kHalf = 1 << (kWeightBits - 1);

/// Plain pointers to Taps, for the kernels.
struct TapsView {
  int count, stride;
  const int* first;
  const int* length;
  const std::int32_t* weights;
};

/// Pixel i of the result (i counts from the start of the crop) is the sum over j < length[i] of
/// weights[i * stride + j] times source pixel first[i] + j.
struct Taps {
  int count = 0, stride = 0;
  std::vector<int> first, length;
  std::vector<std::int32_t> weights;

  /// For pixels [begin, begin + number) of an axis scaled from `from` pixels to `to`: Pillow's
  /// precompute_coeffs() and normalize_coeffs_8bpc(), the filter widened when it shrinks and is antialiased.
  void compute(int from, int to, int begin, int number, const Filter& filter);

  /// The scaled axis is the source axis, pixel for pixel.
  bool is_copy() const { return stride == 1 && is_same_size_; }
  TapsView view() const { return {count, stride, first.data(), length.data(), weights.data()}; }

 private:
  void take_pixels(int number);

  bool is_same_size_ = false;
};

}  // namespace alexnet
