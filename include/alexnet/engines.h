// The engines that compute networks.
#pragma once

#include <string>
#include <vector>

namespace alexnet {

/// What `engine` may be wherever options have one, the usual first: "cpu", "reference".
std::vector<std::string> engine_names();

}  // namespace alexnet
