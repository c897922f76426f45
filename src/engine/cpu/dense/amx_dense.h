// The three products of a fully connected layer in bf16 with float32 sums, on Intel's AMX tiles. Weights
// [units][in] and their gradient are float32 in memory: they are rounded on the way into the caches.
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/cpu/kernels/simd/dense.h"

namespace alexnet::cpu {

class AmxDense {
 public:
  AmxDense() = default;
  /// Rows of x are x_row floats apart, those of y y_row, both multiples of 16.
  AmxDense(std::size_t batch, std::size_t in, std::size_t units, std::size_t x_row, std::size_t y_row);

  /// Floats of work space for forward(), and for the other two.
  std::size_t workspace_size() const;
  std::size_t gradient_workspace_size() const;

  /// y[b][u] = sum over i of x[b][i] weights[u][i].
  void forward(const float* x, const WeightRows& weights, float* y, float* workspace) const;
  /// x_gradient[b][i] = sum over u of y_gradient[b][u] weights[u][i], for the first in / 16 * 16 of the i.
  void backward_data(const float* y_gradient, const float* weights, float* x_gradient,
                     float* workspace) const;
  /// weights_gradient[u][i] = sum over b of y_gradient[b][u] x[b][i].
  void backward_weights(const float* x, const float* y_gradient, float* weights_gradient,
                        float* workspace) const;

 private:
  std::int64_t batch_ = 0, in_ = 0, units_ = 0, x_row_ = 0, y_row_ = 0;
  int members_ = 0;  // threads that compute at most, each with work space of its own
};

}  // namespace alexnet::cpu
