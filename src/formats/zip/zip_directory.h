// The entries of a zip file, seen where they lie: programs that keep tensors in them do not compress
// these.
#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <string_view>

#include "alexnet/bytes.h"

namespace alexnet {

/// An entry as it lies in the file.
struct ZipEntry {
  std::span<const std::byte> content;
  bool packed = false;  // compressed: the content is not what was put in
};
/// By name. Views into the file.
using ZipEntries = std::map<std::string_view, ZipEntry>;

/// Reads the central directory of a zip file and holds it against the header in front of each entry.
/// DataError naming the file when it is truncated, when the two differ, when entries overlap or have the same
/// name, and when one is encrypted.
ZipEntries read_zip_directory(const Bytes& file);

/// The name of the entry that lies first in the file; empty where the file is no zip archive. Enough to tell
/// what an archive holds, also where the directory at its end is missing.
std::string_view first_zip_entry(std::span<const std::byte> data);

}  // namespace alexnet
