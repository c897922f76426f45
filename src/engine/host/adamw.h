// Adam with decoupled weight decay (Loshchilov and Hutter 2019, algorithm 2), as PyTorch's AdamW computes it.
#pragma once

#include <vector>

#include "engine/host/optimizer.h"
#include "tensor/slab.h"

namespace alexnet {

struct AdamOptions {
  double beta1 = 0.9, beta2 = 0.999;
  double epsilon = 1e-8;
};

/// m <- m + (1 - beta1) * (g' - m);  v <- beta2 * v + (1 - beta2) * g'^2
/// w <- (1 - lr' * weight_decay) * w - lr' / (1 - beta1^n) * m / (sqrt(v / (1 - beta2^n)) + epsilon)
///
/// in step n. Only kernels decay; in PyTorch that takes two groups of parameters. The l2 of a layer is part
/// of the loss and hence of g', as in Keras.
class AdamW final : public Optimizer {
 public:
  AdamW(const std::vector<SlabEntry>& layout, std::size_t size, const std::vector<bool>& frozen,
        const AdamOptions& adam, const OptimizerOptions& options = {});

  std::vector<KeptSlab> state() override {
    return {{SlabId::kFirstMoment, first_.span()}, {SlabId::kSecondMoment, second_.span()}};
  }

 private:
  void begin(double lr, std::int64_t number) override;
  double update(const Piece& piece, float* w, const float* g, float scale) override;
  double piece_change(const Piece& piece, const float* w) const override;
  /// What the decay leaves of a weight.
  float kept(const Piece& piece) const;
  /// lr' / (1 - beta1^n).
  float rate(const Piece& piece) const;

  Slab first_, second_;
  AdamOptions adam_;
  // Of the step under way or the last one.
  double lr_ = 0;
  double first_correction_ = 1;       // 1 - beta1^n
  float second_root_correction_ = 1;  // 1 / sqrt(1 - beta2^n)
};

}  // namespace alexnet
