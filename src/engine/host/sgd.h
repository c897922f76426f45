// Stochastic gradient descent with momentum, as the paper has it (Krizhevsky et al. 2012, section 5).
#pragma once

#include <vector>

#include "engine/host/optimizer.h"
#include "tensor/slab.h"

namespace alexnet {

/// v <- momentum * v - lr' * (g' + weight_decay * w);  w <- w + v
///
/// (With multiples of 1, Keras's SGD(momentum) and, for a constant lr, PyTorch's; the paper's with l2 = 0 and
/// weight_decay = 0.0005.)
class Sgd final : public Optimizer {
 public:
  Sgd(const std::vector<SlabEntry>& layout, std::size_t size, const std::vector<bool>& frozen,
      double momentum, const OptimizerOptions& options = {});

  std::vector<KeptSlab> state() override { return {{SlabId::kVelocity, velocity_.span()}}; }

 private:
  void begin(double lr, std::int64_t number) override;
  double update(const Piece& piece, float* w, const float* g, float scale) override;
  double piece_change(const Piece& piece, const float* w) const override;

  Slab velocity_;
  float momentum_;
  double lr_ = 0;
};

}  // namespace alexnet
