#include "engine/slab_id.h"

namespace alexnet {

std::string_view to_string(SlabId slab) {
  switch (slab) {
    case SlabId::kParameters:
      return "parameters";
    case SlabId::kGradients:
      return "gradients";
    case SlabId::kStatistics:
      return "statistics";
    case SlabId::kVelocity:
      return "velocity";
    case SlabId::kFirstMoment:
      return "first_moment";
    case SlabId::kSecondMoment:
      return "second_moment";
    case SlabId::kAverage:
      return "ema";
  }
  return {};
}

}  // namespace alexnet
