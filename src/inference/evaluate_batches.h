// The core of every evaluation: of a model on its own, and of a network in training.
#pragma once

#include <cstdint>
#include <functional>

#include "alexnet/evaluate.h"
#include "data/loader.h"
#include "engine/compiled_network.h"

namespace alexnet {

/// Starts the loader (made for evaluation, its batch the network's) and puts all its batches through
/// inference passes of `network`, a training plan or not. Of a short batch only the filled rows count.
/// `classes` is the number of outputs. `progress` is called after each batch with the pictures done so far
/// (unreadable ones left out) and the pictures in all, rounded up to whole batches. UsageError for a label
/// that is no output.
Evaluation evaluate_batches(CompiledNetwork& network, Loader& loader, int classes,
                            const std::function<void(std::int64_t, std::int64_t)>& progress = {});

}  // namespace alexnet
