// NumPy files that are written row by row.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>

#include "alexnet/tensor.h"
#include "base/file.h"

namespace alexnet {

/// Everything in front of float32 values in C order. At least `min_bytes` long, if that is given: headers of
/// the same length can replace each other.
std::string npy_header(const Shape& shape, std::size_t min_bytes = 0);

/// A .npy file of rows of which nobody knows how many there will be: none is kept, and the header gets their
/// number at the end. Atomic, as AtomicFile.
class NpyRows {
 public:
  /// DataError when the file cannot be written, or is a pipe: the header, which comes first, would be known
  /// too late.
  NpyRows(const std::filesystem::path& path, std::int64_t columns);

  /// `columns` values.
  void add(std::span<const float> row);
  void commit();

 private:
  AtomicFile file_;
  std::int64_t rows_ = 0, columns_;
  std::size_t header_bytes_;
};

}  // namespace alexnet
