// Telling numbers from NaN and infinity, at the speed of memory.
#pragma once

#include <span>

namespace alexnet {

/// No NaN and no infinity among the values. Uses all compute threads.
bool all_finite(std::span<const float> values);

}  // namespace alexnet
