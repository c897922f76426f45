// Networks whose first layers are frozen.
#pragma once

#include <vector>

#include "alexnet/network.h"

namespace alexnet {

/// Layers [0, result) compute the same for an image in every epoch: all of them that have weights are
/// frozen, and every dropout is, and so the features they end in need be computed once only. They run as in
/// inference (moving statistics, no dropout), as frozen layers do everywhere (CompileOptions::frozen). A
/// dropout that is not frozen still drops between layers that are, as in Keras: what comes before it is
/// all that stays the same. 0: there is no such part.
std::size_t frozen_prefix(const NetworkSpec& spec, const std::vector<bool>& frozen);

}  // namespace alexnet
