// Stochastic gradient descent with momentum, as the paper has it (Krizhevsky et al. 2012, section 5).
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/compiled_network.h"
#include "tensor/slab.h"

namespace alexnet {

/// v <- momentum * v - lr * (g + 2 * l2 * w);  w <- w + v
///
/// (Keras's SGD(momentum) and, for a constant lr, PyTorch's.) One pass over the slabs, which is bound by
/// memory; nothing is allocated in it, and its result does not depend on the number of threads.
class Sgd {
 public:
  /// `layout` and `size` are those of the parameter slab. frozen[layer]: that layer's weights stay.
  Sgd(const std::vector<SlabEntry>& layout, std::size_t size, const std::vector<bool>& frozen);

  /// Returns the l2 part of the loss, sum over tensors of l2 * sum(w^2), of the weights before the step;
  /// frozen layers count (as in Keras).
  double step(std::span<float> weights, std::span<const float> gradients, double lr, double momentum);

  /// Same layout as the parameters.
  std::span<float> velocity() { return velocity_.span(); }

 private:
  /// A run of floats of one tensor, small enough to balance the threads.
  struct Piece {
    std::size_t offset = 0, count = 0;
    float l2 = 0;
    bool frozen = false;
  };

  Slab velocity_;
  std::vector<Piece> pieces_;
  std::vector<double> l2_losses_;  // per piece: added up in order, so that the sum is always the same
};

}  // namespace alexnet
