// What ends a run before its epochs are over, and how long it may still take.
#pragma once

#include <optional>
#include <string>

#include "alexnet/train.h"
#include "train/step/checkpoint.h"

namespace alexnet {

/// Why the run is over, "max steps" for one; empty when no limit is reached. `last`: the last epoch, if there
/// was one. `validates`: there is validation data, without which nothing stops early.
std::string limit_reached(const TrainConfig& config, const Progress& progress, bool validates,
                          const EpochMetrics* last);

/// Until the run ends if every step takes `per_step` seconds and every end of an epoch `per_end`, and neither
/// early stopping nor anything else that is not known yet ends it before.
double seconds_left(const TrainConfig& config, const Progress& progress, std::int64_t steps_per_epoch,
                    double per_step, double per_end);

}  // namespace alexnet
