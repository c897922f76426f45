// The files that are mapped into memory, by address.
#pragma once

#include <cstddef>
#include <string_view>

namespace alexnet {

/// Notes that a file lies at these addresses, for Bytes::mapped_at(). Of more files than there is room for
/// some are not noted.
void note_mapping(const void* data, std::size_t size, std::string_view name);
/// To be called before the memory is given back.
void forget_mapping(const void* data);

}  // namespace alexnet
