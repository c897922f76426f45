// The files of the zoo, from their publisher or a mirror.
#pragma once

#include <filesystem>

#include "alexnet/zoo.h"

namespace alexnet {

/// The file in zoo_folder(), fetched if it is not there. Its size and digest are right. As fetch_file().
std::filesystem::path fetch(const ZooFile& file, const FetchOptions& options);

}  // namespace alexnet
