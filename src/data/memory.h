// How much memory there is to use.
#pragma once

#include <cstddef>
#include <string>

namespace alexnet {

/// Bytes this process may still take without pushing anything out: what the kernel calls available, or less
/// where a control group (a container) is limited.
std::size_t available_memory();

/// "3.2 GB".
std::string gigabytes(std::size_t bytes);

}  // namespace alexnet
