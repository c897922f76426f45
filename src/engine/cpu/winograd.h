// Winograd convolution: 3x3 and 5x5 kernels, stride 1, in all three directions. Larger strides:
// space_to_depth.h.
//
// A tile of m x m outputs costs (m + r - 1)^2 multiplications per pair of channels instead of m^2 r^2: 5.1
// times fewer for F(6x6, 3x3), 6.3 times fewer for F(4x4, 5x5). What remains are matrix products, one per
// point, over all tiles of a block; transforms go before and after (Lavin & Gray, "Fast algorithms for
// convolutional neural networks", CVPR 2016).
//
// Small images waste much of their tiles at the border: 13 pixels need three tiles of 6. So several images
// are laid side by side on a canvas, parted by the zeros that both need anyway, and the canvas is tiled: 13 +
// 1 pixels per image.
//
// Layouts: activations nChw16c or nChw8c; weights [kernel][kernel][in][out], in and out padded to 16 with
// zeros.
#pragma once

#include <cstddef>
#include <cstdint>

namespace alexnet::cpu {

struct WinogradShape {
  int batch = 0;
  int in = 0, out = 0;  // channels, multiples of 16
  int height = 0, width = 0;
  int kernel = 3;  // 3 or 5
  int pad = 1;     // zeros on every side of the input; less than kernel
  /// A group's convolution reads and writes some channels of larger tensors: where an image holds `in` and
  /// `out` channels of `in_whole` and `out_whole`. 0: all of them.
  int in_whole = 0, out_whole = 0;
  /// Channels to a block of the tensors on either side: 16 or 8, and no less than a vector holds.
  int in_block = 16, out_block = 16;

  int out_height() const { return height + 2 * pad - kernel + 1; }
  int out_width() const { return width + 2 * pad - kernel + 1; }
  /// Pixels from one image to the next on a canvas: neighbours share their zeros.
  int row_period() const { return height + pad; }
  int column_period() const { return width + pad; }
  /// The shape whose forward() computes this one's gradient with respect to the input, with rotated weights.
  WinogradShape mirrored() const {
    return {batch,     out,      in,        out_height(), out_width(), kernel, kernel - 1 - pad,
            out_whole, in_whole, out_block, in_block};
  }
};

/// How the images of a batch are laid on canvases and cut into tiles.
struct WinogradTiling {
  int rows = 1, columns = 1;             // images on a canvas
  int tiles_down = 0, tiles_across = 0;  // of a canvas
  std::int64_t tiles = 0;                // of the batch
};

class WinogradConvolution {
 public:
  explicit WinogradConvolution(const WinogradShape& shape);

  const WinogradShape& shape() const { return shape_; }

  /// Multiplications left, as a share of direct convolution's.
  double multiplication_share() const;

  /// Floats of transformed weights.
  std::size_t transformed_size() const;
  /// Floats of work space for either call below; not kept between calls.
  std::size_t workspace_size() const;

  /// weights -> transformed, for forward() of this shape.
  void transform_weights(const float* weights, float* transformed) const;

  /// y = conv(x) + bias, then max(0, .) with relu. bias may be null. Where `gate` is given, a tensor like x,
  /// x counts as zero wherever the gate is not positive: the gradient of a ReLU whose output the gate is.
  void forward(const float* x, const float* gate, const float* transformed, const float* bias, bool relu,
               float* y, float* workspace) const;

  /// weights_gradient = sum over the batch of x (*) y_gradient, bias_gradient [out] = sum of y_gradient;
  /// `gate` belongs to y_gradient. `transformed` is work space of transformed_size() floats.
  void backward_weights(const float* x, const float* y_gradient, const float* gate, float* weights_gradient,
                        float* bias_gradient, float* transformed, float* workspace) const;

 private:
  WinogradShape shape_;
  WinogradTiling tiling_;
  int block_ = 0;  // tiles computed at a time
};

/// The weights with which forward() of the mirrored shape (in and out swapped) computes the gradient with
/// respect to x: rotated by 180 degrees, in and out exchanged.
void rotate_weights(const WinogradShape& shape, const float* weights, float* rotated);

}  // namespace alexnet::cpu
