// Names of classes where a file has none.
#pragma once

#include "alexnet/model.h"

namespace alexnet {

/// Calls the outputs of the network by their numbers, and records this among the assumptions. `stored` has a
/// network.
void number_classes(StoredWeights& stored);

}  // namespace alexnet
