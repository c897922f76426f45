// Other files in the folder of a file. A file of another program may name any path: it must not lead out of
// there.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "alexnet/bytes.h"

namespace alexnet {

/// A path inside a folder, and of nothing that leads out of it.
bool stays_inside(const std::filesystem::path& location);

/// Whether any part of a path below a folder is a link, of either kind.
bool has_link(std::filesystem::path folder, const std::filesystem::path& location);

/// The folder of bytes that are a mapped file; none for others, whatever they are called.
std::optional<std::filesystem::path> folder_of(const Bytes& file);

/// The file `name` beside a mapped file; none if it is not there, or a link.
std::optional<Bytes> neighbour(const Bytes& file, const std::string& name);

}  // namespace alexnet
