// How many threads compute.
#pragma once

#include "alexnet/export.h"

namespace alexnet {

/// Compute threads of this process, all processors unless told otherwise. Call before anything is compiled.
/// Each thread that uses the library computes with so many. UsageError when n is below 1.
ALEXNET_API void set_threads(int n);

}  // namespace alexnet
