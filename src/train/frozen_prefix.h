// Networks whose first layers are frozen.
#pragma once

#include <vector>

#include "alexnet/network.h"

namespace alexnet {

/// Layers [0, result) compute the same for a picture in every epoch: all of them that have weights are
/// frozen, and so the features they end in need be computed once only. They run as in inference (moving
/// statistics, no dropout), as frozen layers do everywhere (CompileOptions::frozen). Behind the last
/// frozen layer go those without weights, up to the first dropout. 0: there is no such part.
std::size_t frozen_prefix(const NetworkSpec& spec, const std::vector<bool>& frozen);

}  // namespace alexnet
