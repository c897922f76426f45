// Training that cannot come back.
#pragma once

#include <string>

#include "alexnet/train.h"
#include "train/step/checkpoint.h"

namespace alexnet {

/// "NaN", "infinite" or "exploding" for a step's loss that training cannot come back from; empty otherwise.
/// Exploding: the cross-entropy is more than a thousand times ln(classes), what a guess costs. (Batch
/// normalisation makes single batches of a hundred times that survivable.)
std::string divergence(double cross_entropy, double l2_loss, int classes);

/// The error that ends the run before its next step. `what` is no longer sound: "the loss is NaN".
/// `has_checkpoint`: there is one to resume from.
DivergedError diverged_error(const TrainConfig& config, const Progress& progress, double learning_rate,
                             const std::string& what, bool has_checkpoint);

}  // namespace alexnet
