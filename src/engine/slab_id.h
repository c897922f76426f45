// The slabs of a compiled network.
#pragma once

#include <string_view>

namespace alexnet {

/// Statistics have a layout of their own, all others that of the parameters. Those behind kStatistics are
/// kept by the update (UpdateRule).
enum class SlabId {
  kParameters,
  kGradients,
  kStatistics,
  kVelocity,
  kFirstMoment,
  kSecondMoment,
  kAverage,
};

/// The name that checkpoints have: "velocity", "ema".
std::string_view to_string(SlabId slab);

}  // namespace alexnet
