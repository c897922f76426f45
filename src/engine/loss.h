// Softmax cross-entropy on logits: what training minimises, apart from l2.
#pragma once

#include <span>

namespace alexnet {

struct LossOptions {
  /// Targets are (1 - label_smoothing) * one_hot + label_smoothing / classes. 0 <= label_smoothing < 1.
  float label_smoothing = 0.0F;
  /// A weight per class, or empty. The loss is then the weighted mean over the batch, divided by the sum of
  /// the weights of its labels (PyTorch's CrossEntropyLoss(weight=...)). Where that is 0, so are loss and
  /// gradient: there is nothing to learn from such a batch (PyTorch: NaN, which would end a training).
  std::span<const float> class_weights{};
};

/// What the rows of a batch show, with labels in [0, classes). A row that is mixed of two has two labels, and
/// what stands above of its label holds for both, in proportion: one_hot is
/// fraction * one_hot(label) + (1 - fraction) * one_hot(other), and its weight is made up alike. With one
/// fraction for all rows, and others that are the labels in another order, the loss is fraction *
/// loss(labels) + (1 - fraction) * loss(others), as Zhang et al. 2018 (mixup) have it.
struct Targets {
  std::span<const int> labels;
  std::span<const int> others{};       // one per row; empty: no row is mixed
  std::span<const float> fractions{};  // of the labels, 0..1; one per row where there are others
};

struct LossResult {
  double loss = 0;  // mean over the rows
  int top1 = 0;     // rows whose label has the largest logit; ties count for the lower class index
  int top5 = 0;     // rows whose label is among the five largest
};

/// logits: [rows, classes] row-major. Where `gradient` is not empty it gets d loss / d logits, same shape. A
/// NaN among the logits gives a NaN loss and no hits. Others are no hits either.
LossResult softmax_cross_entropy(std::span<const float> logits, const Targets& targets,
                                 const LossOptions& options, std::span<float> gradient = {});

inline LossResult softmax_cross_entropy(std::span<const float> logits, std::span<const int> labels,
                                        const LossOptions& options, std::span<float> gradient = {}) {
  return softmax_cross_entropy(logits, Targets{.labels = labels}, options, gradient);
}

}  // namespace alexnet
