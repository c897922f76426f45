// How a run learns from features when its network begins with frozen layers.
#pragma once

#include <memory>
#include <vector>

#include "train/feature_source.h"
#include "train/plan.h"

namespace alexnet {

/// Chooses the plan's prefix, none where nothing is frozen or --views is 0, and with it the views. Fewer than
/// asked for, when only those fit in memory, become the plan's (0 where not one fits); a note says what was
/// chosen. A resumed run must have the views it was started with: DeviceError when they no longer fit.
void resolve_features(Plan& plan, bool resumed);

/// The sources of a plan with a prefix.
std::unique_ptr<FeatureSource> training_features(const Plan& plan);
std::unique_ptr<FeatureSource> validation_features(const Plan& plan);

}  // namespace alexnet
