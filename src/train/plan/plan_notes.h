// What people should know of a plan: settings and data that are likely not meant.
#pragma once

#include <string>
#include <vector>

namespace alexnet {

struct Plan;

/// Of validation images that are training images too, and of layers that are frozen without a model.
std::vector<std::string> doubts(const Plan& plan);

}  // namespace alexnet
