// What all optimizers share: which weights move, at which rate, and in pieces of which size.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/compiled_network.h"
#include "engine/host/kept_slab.h"

namespace alexnet {

struct OptimizerOptions {
  double weight_decay = 0;      // of kernels; biases and batch normalisation never decay
  double bias_lr = 1;           // multiple of lr for biases
  std::vector<float> layer_lr;  // multiple of lr per layer; empty: 1
  double clip = 0;              // longest gradient of all that is not frozen; 0: any
};

/// One step is one pass over the slabs, which is bound by memory; nothing is allocated in it, and its result
/// does not depend on the number of threads. With s what shortens gradients that are longer than `clip`, an
/// optimizer sees g' = s * g + 2 * l2 * w and lr' = lr times the multiples of the tensor's layer and role.
class Optimizer {
 public:
  virtual ~Optimizer() = default;

  /// Step `number` of the run, 1 for the first. Returns the l2 part of the loss, sum over tensors of
  /// l2 * sum(w^2), of the weights before the step; frozen layers count (as in Keras).
  double step(std::span<float> weights, std::span<const float> gradients, double lr, std::int64_t number);

  /// What has to be kept beside the weights: slabs of the same layout.
  virtual std::vector<KeptSlab> state() = 0;

  /// Sum of squares of what the last step added to one tensor of `weights`, which is as the step left it.
  double squared_change(const SlabEntry& entry, std::span<const float> weights) const;

 protected:
  /// A run of floats of one tensor, small enough to balance the threads.
  struct Piece {
    std::size_t offset = 0, count = 0;
    float l2 = 0, decay = 0;
    double lr = 1;  // multiple
    bool frozen = false;
  };

  /// `layout` and `size` are those of the parameter slab. frozen[layer]: that layer's weights stay.
  Optimizer(const std::vector<SlabEntry>& layout, const std::vector<bool>& frozen,
            const OptimizerOptions& options);

 private:
  /// Before the pieces of a step.
  virtual void begin(double lr, std::int64_t number) = 0;
  /// `w` and `g` are the piece's, `scale` is s. Returns the sum of squares of w before. On any thread.
  virtual double update(const Piece& piece, float* w, const float* g, float scale) = 0;
  virtual double piece_change(const Piece& piece, const float* w) const = 0;

  /// Calls body(piece) for all of them, and adds up what it returns, always in the same order.
  template <class Body>
  double sum_over_pieces(Body&& body);
  /// What gradients are multiplied with so that they are no longer than `clip_`.
  float gradient_scale(std::span<const float> gradients);

  std::vector<Piece> pieces_;
  std::vector<double> sums_;  // per piece
  double clip_;
};

}  // namespace alexnet
