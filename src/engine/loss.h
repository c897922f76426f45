// Softmax cross-entropy on logits: what training minimises, apart from l2.
#pragma once

#include <span>

namespace alexnet {

struct LossOptions {
  /// Targets are (1 - label_smoothing) * one_hot + label_smoothing / classes. 0 <= label_smoothing < 1.
  float label_smoothing = 0.0F;
  /// A weight per class, or empty. The loss is then the weighted mean over the batch, divided by the sum of
  /// the weights of its labels (PyTorch's CrossEntropyLoss(weight=...)).
  std::span<const float> class_weights{};
};

struct LossResult {
  double loss = 0;  // mean over the rows
  int top1 = 0;     // rows whose label has the largest logit; ties count for the lower class index
  int top5 = 0;     // rows whose label is among the five largest
};

/// logits: [labels.size(), classes] row-major; labels in [0, classes). Where `gradient` is not empty it gets
/// d loss / d logits, same shape. A NaN among the logits gives a NaN loss and no hits.
LossResult softmax_cross_entropy(std::span<const float> logits, std::span<const int> labels,
                                 const LossOptions& options, std::span<float> gradient = {});

}  // namespace alexnet
