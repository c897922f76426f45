// A file that is published elsewhere, fetched once.
#pragma once

#include <filesystem>
#include <string>

#include "alexnet/zoo.h"

namespace alexnet {

/// Makes sure that `path` is the file: its size and digest are checked, also where it is there already.
/// `source` is where it is fetched from: an http(s) address, or a path. What arrives is kept in PATH.part,
/// which the next call resumes; a part with a wrong digest is removed. Calls for the same file, of other
/// processes too, wait for each other. DataError that says what to download and where to put it.
void fetch_file(const ZooFile& file, const std::string& source, const std::filesystem::path& path,
                const FetchOptions& options);

}  // namespace alexnet
