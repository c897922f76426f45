// Telling what some bytes are when they are not what was asked for.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace alexnet {

/// What bytes look like by the first of them, for errors: "a GIF image", "an HTML page", "text". Empty when
/// they look like nothing known.
std::string_view describe_content(std::span<const std::byte> data);

}  // namespace alexnet
