#include "base/cache_folder.h"

#include <cstdlib>

namespace alexnet {

std::optional<std::filesystem::path> cache_folder() {
  const char *cache = std::getenv("XDG_CACHE_HOME"), *home = std::getenv("HOME");
  if (cache != nullptr && *cache != '\0') return std::filesystem::path(cache) / "alexnet";
  if (home != nullptr && *home != '\0') return std::filesystem::path(home) / ".cache" / "alexnet";
  return std::nullopt;
}

}  // namespace alexnet
