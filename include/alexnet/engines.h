// The engines that compute networks.
#pragma once

#include <string>
#include <vector>

#include "alexnet/export.h"

namespace alexnet {

/// What `engine` may be wherever options have one, the usual first: "cpu", "reference".
ALEXNET_API std::vector<std::string> engine_names();

}  // namespace alexnet
