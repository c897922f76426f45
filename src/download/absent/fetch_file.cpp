// Stands in for downloads in a program that was built without them.
#include "download/fetch_file.h"

#include "alexnet/error.h"

namespace alexnet {

void fetch_file(const ZooFile& file, const std::string&, const std::filesystem::path&, const FetchOptions&) {
  throw UsageError(file.name, "needs downloads, which are not part of this program",
                   "build it with -D ALEXNET_WITH_DOWNLOAD=ON");
}

}  // namespace alexnet
