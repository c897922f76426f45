// One operation per kind of layer: forward and backward side by side, as plain as they can be written.
//
// Tensors are [batch, channels, height, width], row-major float32; sums are taken in double. Threads divide
// the results among them, never the terms of one sum, so results do not depend on the thread count.
#pragma once

#include <cstddef>
#include <memory>
#include <span>

#include "engine/compiled_network.h"

namespace alexnet::reference {

/// A tensor in the slabs. `gradient` is empty for moving statistics and where nobody wants it.
struct Parameter {
  std::span<float> values, gradient;
};

/// Where an operation stands: its layer's index, what goes in and out, and the tensors of its layer (a kind
/// of layer uses those it has; the others are empty).
struct Site {
  std::size_t layer = 0;
  std::int64_t batch = 1;
  Extent in, out;
  Parameter weight{}, bias{};  // bias is also a batch normalisation's shift, weight its scale
  Parameter moving_mean{}, moving_variance{};
};

class Operation {
 public:
  explicit Operation(const Site& site) : site_(site) {}
  virtual ~Operation() = default;
  Operation(const Operation&) = delete;
  Operation& operator=(const Operation&) = delete;

  virtual void forward(const PassOptions& options, const float* x, float* y) = 0;
  /// Gradient of the last forward(), with the same x and y: from dy to the parameters' gradients and, where
  /// dx is not null, to dx. Both are overwritten.
  virtual void backward(const float* x, const float* y, const float* dy, float* dx) = 0;

  /// See CompiledNetwork; only batch normalisation has statistics.
  virtual void begin_statistics() {}
  virtual void finish_statistics() {}

  /// Work space beside activations.
  virtual std::size_t work_bytes() const { return 0; }

 protected:
  std::int64_t input_size() const { return site_.batch * site_.in.size(); }
  std::int64_t output_size() const { return site_.batch * site_.out.size(); }

  Site site_;
};

using OperationPointer = std::unique_ptr<Operation>;

OperationPointer make(const Conv& layer, const Site& site);
OperationPointer make(const Activation& layer, const Site& site);
OperationPointer make(const BatchNorm& layer, const Site& site);
OperationPointer make(const Lrn& layer, const Site& site);
OperationPointer make(const Pool& layer, const Site& site);
OperationPointer make(const Dropout& layer, const Site& site);
OperationPointer make(const Flatten& layer, const Site& site);
OperationPointer make(const Dense& layer, const Site& site);
OperationPointer make(const Softmax& layer, const Site& site);

/// Sum of a[i * a_stride] * b[i * b_stride], in double. Four partial sums, or each addition would wait for
/// the one before.
double dot(const float* a, std::int64_t a_stride, const float* b, std::int64_t b_stride, std::int64_t count);

}  // namespace alexnet::reference
