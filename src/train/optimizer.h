// Stochastic gradient descent with momentum, as the paper has it (Krizhevsky et al. 2012, section 5).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/compiled_network.h"
#include "tensor/slab.h"

namespace alexnet {

/// In short runs of floats added up as doubles; on the calling thread.
double sum_of_squares(std::span<const float> values);

struct SgdOptions {
  double weight_decay = 0;      // of kernels
  double bias_lr = 1;           // multiple of lr for biases
  std::vector<float> layer_lr;  // multiple of lr per layer; empty: 1
  double clip = 0;              // longest gradient of all that is not frozen; 0: any
};

/// v <- momentum * v - lr * m * (g + (2 * l2 + weight_decay) * w);  w <- w + v
///
/// with m the multiples of the tensor's layer and role. (With m = 1, Keras's SGD(momentum) and, for a
/// constant lr, PyTorch's; the paper's with l2 = 0 and weight_decay = 0.0005.) One pass over the slabs, which
/// is bound by memory; nothing is allocated in it, and its result does not depend on the number of threads.
class Sgd {
 public:
  /// `layout` and `size` are those of the parameter slab. frozen[layer]: that layer's weights stay.
  Sgd(const std::vector<SlabEntry>& layout, std::size_t size, const std::vector<bool>& frozen,
      const SgdOptions& options = {});

  /// Returns the l2 part of the loss, sum over tensors of l2 * sum(w^2), of the weights before the step;
  /// frozen layers count (as in Keras).
  double step(std::span<float> weights, std::span<const float> gradients, double lr, double momentum);

  /// Same layout as the parameters.
  std::span<float> velocity() { return velocity_.span(); }

 private:
  /// A run of floats of one tensor, small enough to balance the threads.
  struct Piece {
    std::size_t offset = 0, count = 0;
    float l2 = 0, decay = 0;
    double lr = 1;  // multiple
    bool frozen = false;
  };

  /// What gradients are multiplied with so that they are no longer than `clip_`.
  float gradient_scale(std::span<const float> gradients);

  Slab velocity_;
  std::vector<Piece> pieces_;
  std::vector<double> sums_;  // per piece: added up in order, so that the sum is always the same
  double clip_;
};

}  // namespace alexnet
