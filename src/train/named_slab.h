// Floats that a run keeps beside the weights, in the layout of their slab.
#pragma once

#include <span>
#include <string_view>

namespace alexnet {

struct NamedSlab {
  std::string_view name;  // in checkpoints, before a parameter's: "velocity"
  std::span<float> values;
};

}  // namespace alexnet
