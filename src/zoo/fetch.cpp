#include "zoo/fetch.h"

#include <cstdlib>

#include "alexnet/error.h"
#include "base/cache_folder.h"
#include "download/fetch_file.h"

namespace alexnet {
namespace {

/// The address or path that a file is fetched from.
std::string source_of(const ZooFile& file) {
  const char* variable = std::getenv("ALEXNET_ZOO");
  std::string mirror = variable == nullptr ? "" : variable;
  if (mirror.empty()) return file.url;
  if (!mirror.ends_with('/')) mirror += '/';
  return mirror + file.name;
}

}  // namespace

std::filesystem::path zoo_folder() {
  if (auto folder = cache_folder()) return *folder;
  throw DataError("cache folder", "is not known: HOME is not set", "set XDG_CACHE_HOME to a folder");
}

std::filesystem::path fetch(const ZooFile& file, const FetchOptions& options) {
  std::filesystem::path path = zoo_folder() / file.name;
  fetch_file(file, source_of(file), path, options);
  return path;
}

}  // namespace alexnet
