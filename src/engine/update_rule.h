// How steps of training change the parameters, as data.
#pragma once

#include <vector>

namespace alexnet {

/// An optimizer sees g' = s * g + 2 * l2 * w, with s what shortens gradients that are longer than `clip` and
/// l2 as the layout has it, and lr' = lr times the multiples of the tensor's layer and role. Frozen layers
/// (CompileOptions::frozen) stay as they are.
struct UpdateRule {
  enum class Optimizer {
    /// v <- momentum * v - lr' * (g' + weight_decay * w);  w <- w + v, as the paper has it (Krizhevsky et al.
    /// 2012, section 5), Keras's SGD and, for a constant lr, PyTorch's.
    kSgd,
    /// Adam with decoupled weight decay (Loshchilov and Hutter 2019, algorithm 2), as PyTorch's AdamW.
    kAdamW,
  };
  Optimizer optimizer = Optimizer::kSgd;
  double momentum = 0.9;                              // sgd
  double beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8;  // adamw
  double weight_decay = 0;                            // of kernels alone
  double bias_lr = 1;                                 // multiple of lr for biases
  std::vector<float> layer_lr{};                      // multiple of lr per layer; empty: 1
  double clip = 0;                                    // longest gradient of all that is not frozen; 0: any
  /// Decay of the moving average of the weights, 0 <= average < 1; 0: none is kept. After step
  /// 1 the average is the weights; after step n it is average + (1 - d) * (weights - average) with
  /// d = min(decay, n / (9 + n)).
  double average = 0;
};

}  // namespace alexnet
