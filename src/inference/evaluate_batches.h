// The core of every evaluation: of a model on its own, and of a network in training.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "alexnet/evaluate.h"
#include "data/loader/loader.h"
#include "engine/compiled_network.h"

namespace alexnet {

/// Starts the source (made for evaluation, its batch the network's) and puts all its batches through
/// inference passes of `network`, a training plan or not. Of a short batch only the filled rows count.
/// `classes` is the number of outputs. `progress` is called after each batch with the images done so far
/// (unreadable ones left out) and the images in all, rounded up to whole batches. UsageError for a label
/// that is no output.
Evaluation evaluate_batches(CompiledNetwork& network, BatchSource& source, int classes,
                            const std::function<void(std::int64_t, std::int64_t)>& progress = {});

/// Sums over images.
class Tally {
 public:
  explicit Tally(int classes);
  /// logits: [labels.size(), classes]; indices: of the images, in their source. UsageError for a label that
  /// is no class.
  void add(std::span<const float> logits, std::span<const int> labels, std::span<const std::int64_t> indices);
  std::int64_t images() const { return images_; }
  /// What was added, and what could not be.
  Evaluation result(std::vector<BadImage> unreadable) const;

 private:
  std::size_t classes_;
  std::int64_t images_ = 0, top1_ = 0, top5_ = 0;
  double loss_ = 0;
  ConfusionMatrix confusion_;
  std::vector<Judgement> judgements_;
};

}  // namespace alexnet
