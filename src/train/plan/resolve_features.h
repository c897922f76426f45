// Whether a run learns from features of its frozen layers, and from how many.
#pragma once

#include "train/plan/plan.h"

namespace alexnet {

/// Chooses the plan's prefix, none where nothing is frozen or --views is 0, and with it the views. Fewer than
/// asked for, when only those fit in memory, become the plan's (0 where not one fits); a note says what was
/// chosen. A resumed run must have the views it was started with: DeviceError when they no longer fit.
void resolve_features(Plan& plan, bool resumed);

/// Values of the features of one view: what comes out of the plan's prefix, which must not be empty.
std::int64_t feature_size(const Plan& plan);

}  // namespace alexnet
