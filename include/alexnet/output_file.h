// Where results are written.
#pragma once

#include <filesystem>

#include "alexnet/export.h"

namespace alexnet {

/// To be asked before the work whose result a file is to hold: DataError when it could not be written as
/// things are now. Nothing is written, and nothing opened.
ALEXNET_API void require_writable(const std::filesystem::path& file);

}  // namespace alexnet
