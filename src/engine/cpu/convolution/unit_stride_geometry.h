// A convolution as this engine's own algorithms see it: with stride 1, and of one group.
#pragma once

#include <optional>

#include "engine/cpu/convolution/space_to_depth.h"
#include "engine/cpu/convolution/unit_stride_algorithm.h"
#include "engine/cpu/onednn/convolution.h"

namespace alexnet::cpu {

/// How larger strides are folded into channels, some images at a time; none for a stride of 1.
std::optional<SpaceToDepth> folding(const ConvGeometry& geometry);

/// Of one group, and of the images that are folded at a time. Kernel and stride must be squares.
UnitStrideShape unit_stride_shape(const ConvGeometry& geometry);

}  // namespace alexnet::cpu
