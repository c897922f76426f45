#include "formats/format.h"

#include <utility>

#include "alexnet/error.h"

namespace alexnet {

StoredWeights Importer::read_with(const Bytes& file, const ImportOptions& options) const {
  for (const auto& [flag, path] :
       {std::pair("--network", options.network), std::pair("--mean", options.mean)})
    if (!path.empty())
      throw UsageError(flag, "has no effect on files of format " + std::string(name()), "leave it out");
  return read(file);
}

std::vector<SideFile> Exporter::side_files(const Model&, const std::string&) const { return {}; }

}  // namespace alexnet
