// Where this program keeps what it can make or fetch again.
#pragma once

#include <filesystem>
#include <optional>

namespace alexnet {

/// $XDG_CACHE_HOME/alexnet or ~/.cache/alexnet; nothing when neither is known. It need not be there.
std::optional<std::filesystem::path> cache_folder();

}  // namespace alexnet
