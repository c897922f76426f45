// How many threads compute.
#pragma once

#include "alexnet/export.h"

namespace alexnet {

/// Compute threads of this process. By default one for each processor that it may use, or as many
/// as a container's quota of their time allows. Call before anything is compiled. Each thread that uses the
/// library computes with so many. UsageError when n is below 1.
ALEXNET_API void set_threads(int n);

}  // namespace alexnet
