// Layers that do not learn, or at a rate of their own.
#pragma once

#include <string>
#include <vector>

#include "alexnet/network.h"

namespace alexnet {

/// frozen[layer] for a list such as "conv1,bn1,conv3-pool5": names, and ranges in the network's order, both
/// ends included; "conv1-5" is "conv1-conv5". UsageError naming what is not a layer. Empty text: none.
std::vector<bool> frozen_layers(const NetworkSpec& spec, const std::string& list);

/// rate[layer] for a list such as "fc8=10,conv1-conv3=0.1": multiples of the learning rate; 1 for layers that
/// are not named. UsageError.
std::vector<float> layer_rates(const NetworkSpec& spec, const std::string& list);

}  // namespace alexnet
