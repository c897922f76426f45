// Archives of data sets, unpacked into a folder.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>

#include "alexnet/bytes.h"

namespace alexnet {

/// Writes the files that lie below `inside` in a .zip or .tar archive into `folder`, which is empty; others
/// are left out. Folders named in `renamed` get other names; lists (.csv), which would name the old ones, are
/// then left out. `written` is told the number of bytes after each file. DataError for paths that lead out of
/// the archive, for links and devices, for a name that comes twice, and for more files or bytes than any data
/// set of the zoo has.
void unpack(const Bytes& archive, const std::string& inside,
            const std::map<std::string, std::string>& renamed, const std::filesystem::path& folder,
            const std::function<void(std::uint64_t)>& written);

}  // namespace alexnet
