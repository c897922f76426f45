// The entries of a zip file, seen where they lie: PyTorch does not compress tensors.
#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <string_view>

#include "alexnet/bytes.h"

namespace alexnet::pytorch {

/// An entry as it lies in the file.
struct ZipEntry {
  std::span<const std::byte> content;
  bool packed = false;  // compressed, as the program code of TorchScript is, which is not read
};
/// By name. Views into the file.
using ZipEntries = std::map<std::string_view, ZipEntry>;

/// Reads the central directory of a zip file and holds it against the header in front of each entry.
/// DataError naming the file when it is truncated, when the two differ, when entries overlap or have the same
/// name, and when one is encrypted.
ZipEntries read_zip_directory(const Bytes& file);

}  // namespace alexnet::pytorch
