// How images are prepared, in the words of Origin::assumptions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "alexnet/model.h"

namespace alexnet {

// What assumptions on the preparation of images are called.
inline constexpr std::string_view kChannelOrder = "channel order", kRange = "range", kMeans = "mean",
                                  kStddevs = "standard deviation", kResize = "resize", kCrop = "crop";

/// "short side to 256, bilinear, antialiased".
std::string describe_scaling(const Preprocessing& preprocessing);

/// Appends an assumption for each step of the preparation.
void describe_preparation(const Preprocessing& preprocessing, Assumption::From from,
                          std::vector<Assumption>& assumptions);

}  // namespace alexnet
