// How a network fits the weights that --init names.
#pragma once

#include <string>
#include <vector>

#include "alexnet/model.h"

namespace alexnet {

/// Where the network computes otherwise than the file says its weights expect, a sentence each.
std::vector<std::string> disagreements(const StoredWeights& start, const NetworkSpec& spec);

}  // namespace alexnet
