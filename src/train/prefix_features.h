// How a run learns from features when its network begins with frozen layers.
#pragma once

#include <memory>
#include <vector>

#include "train/feature_source.h"
#include "train/plan.h"

namespace alexnet {

/// Layers of the plan's network whose features are computed once; 0 where nothing is frozen or --views is 0.
/// Fewer views than asked for, when only those fit in memory, become the plan's (0 where not one fits); a
/// note says what was chosen. A run that goes on must have the views it was started with: DeviceError when
/// they no longer fit.
std::size_t prefix_with_features(Plan& plan);

/// frozen[layer] of the network that learns, which begins behind the prefix.
std::vector<bool> frozen_behind(const Plan& plan, std::size_t prefix);

std::unique_ptr<FeatureSource> training_features(const Plan& plan, std::size_t prefix);
std::unique_ptr<FeatureSource> validation_features(const Plan& plan, std::size_t prefix);

}  // namespace alexnet
