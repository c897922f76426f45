// Layers that do not learn.
#pragma once

#include <string>
#include <vector>

#include "alexnet/network.h"

namespace alexnet {

/// frozen[layer] for a list such as "conv1,bn1,conv3-pool5": names, and ranges in the network's order, both
/// ends included. UsageError naming what is not a layer. Empty text: none.
std::vector<bool> frozen_layers(const NetworkSpec& spec, const std::string& list);

}  // namespace alexnet
