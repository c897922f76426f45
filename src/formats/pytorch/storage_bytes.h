// What the older containers have in common.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "formats/pytorch/pickle_value.h"

namespace alexnet::pytorch {

/// The storage that `rest` begins with: a number of elements in 8 bytes, and the elements. Moves `rest`
/// behind it. DataError naming `where` when there are fewer bytes.
std::span<const std::byte> take_storage(std::span<const std::byte>& rest, Element element,
                                        const std::string& where);

/// DataError naming `where` when `system`, the description of the writer's machine, says otherwise.
void require_little_endian(const Value& system, const std::string& where);

}  // namespace alexnet::pytorch
