// Names from files in error messages.
#pragma once

#include <string>
#include <string_view>

namespace alexnet {

/// The name, cut where it is long; "unnamed" for an empty one.
std::string shown(std::string_view name);

}  // namespace alexnet
