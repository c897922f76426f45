// Digests that publishers give for their files.
#pragma once

#include <filesystem>
#include <string>

namespace alexnet {

/// The digest of a file's content, named as in `like`: "sha256:…" or "md5:…", in lower case. DataError when
/// the file cannot be read; UsageError for a digest of another name.
std::string file_digest(const std::filesystem::path& file, const std::string& like);

}  // namespace alexnet
