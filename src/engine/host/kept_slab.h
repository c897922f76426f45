// Floats that an update keeps beside the weights, in the layout of their slab.
#pragma once

#include <span>

#include "engine/slab_id.h"

namespace alexnet {

struct KeptSlab {
  SlabId id;
  std::span<float> values;
};

}  // namespace alexnet
