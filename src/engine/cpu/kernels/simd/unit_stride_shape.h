// The sizes of a convolution with stride 1 and the same padding on all sides, as the kernels see it.
#pragma once

namespace alexnet::cpu {

struct UnitStrideShape {
  int batch = 0;
  int in = 0, out = 0;  // channels, multiples of 16
  int height = 0, width = 0;
  int kernel = 3;
  int pad = 1;  // zeros on every side of the input; less than kernel
  /// A group's convolution reads and writes some channels of larger tensors: where an image holds `in` and
  /// `out` channels of `in_whole` and `out_whole`. 0: all of them.
  int in_whole = 0, out_whole = 0;
  /// Channels to a block of the tensors on either side: 16 or 8, and no less than a vector holds.
  int in_block = 16, out_block = 16;

  int out_height() const { return height + 2 * pad - kernel + 1; }
  int out_width() const { return width + 2 * pad - kernel + 1; }
  /// Pixels from one image to the next when they lie side by side: neighbours share their zeros.
  int row_period() const { return height + pad; }
  int column_period() const { return width + pad; }
  /// The shape whose forward() computes this one's gradient with respect to the input, with rotated weights.
  UnitStrideShape mirrored() const {
    return {batch,     out,      in,        out_height(), out_width(), kernel, kernel - 1 - pad,
            out_whole, in_whole, out_block, in_block};
  }
};

}  // namespace alexnet::cpu
