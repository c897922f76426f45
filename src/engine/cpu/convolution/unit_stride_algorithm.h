// Convolutions with stride 1 and the same padding on all sides, in all three directions, as this engine's own
// algorithms compute them: winograd.h, amx_convolution.h. Larger strides: space_to_depth.h.
//
// Small images waste much at their borders: 13 pixels need three Winograd tiles of 6. So several images are
// laid side by side, parted by the zeros that both need anyway: 13 + 1 pixels per image.
//
// Layouts: activations nChw16c or nChw8c; weights [kernel][kernel][in][out], in and out padded to 16 with
// zeros.
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/cpu/kernels/simd/unit_stride_shape.h"

namespace alexnet::cpu {

/// One way to compute it. Work space is not kept between calls.
class UnitStrideAlgorithm {
 public:
  virtual ~UnitStrideAlgorithm() = default;
  UnitStrideAlgorithm(const UnitStrideAlgorithm&) = delete;
  UnitStrideAlgorithm& operator=(const UnitStrideAlgorithm&) = delete;

  const UnitStrideShape& shape() const { return shape_; }

  /// Floats that hold the weights as forward() wants them.
  virtual std::size_t transformed_size() const = 0;
  /// Floats of work space for forward(), and for backward_weights().
  virtual std::size_t workspace_size() const = 0;
  virtual std::size_t gradient_workspace_size() const = 0;

  /// weights -> transformed, for forward() of this shape.
  virtual void transform_weights(const float* weights, float* transformed) const = 0;

  /// y = conv(x) + bias, then max(0, .) with relu. bias may be null. Where `gate` is given, a tensor like x,
  /// x counts as zero wherever the gate is not positive: the gradient of a ReLU whose output the gate is.
  virtual void forward(const float* x, const float* gate, const float* transformed, const float* bias,
                       bool relu, float* y, float* workspace) const = 0;

  /// weights_gradient = sum over the batch of x (*) y_gradient, bias_gradient [out] = sum of y_gradient;
  /// `gate` belongs to y_gradient.
  virtual void backward_weights(const float* x, const float* y_gradient, const float* gate,
                                float* weights_gradient, float* bias_gradient, float* workspace) const = 0;

 protected:
  explicit UnitStrideAlgorithm(const UnitStrideShape& shape) : shape_(shape) {}

  UnitStrideShape shape_;
};

/// The weights with which forward() of the mirrored shape (in and out swapped) computes the gradient with
/// respect to x: rotated by 180 degrees, in and out exchanged.
void rotate_weights(const UnitStrideShape& shape, const float* weights, float* rotated);

}  // namespace alexnet::cpu
