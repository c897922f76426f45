// Tensors that are views of storages, as dense float32 tensors.
#pragma once

#include <cstddef>
#include <string>

#include "formats/pytorch/container.h"

namespace alexnet::pytorch {

/// Reads the tensors of one file.
class StridedReader {
 public:
  /// Both must outlive the reader.
  StridedReader(const Bytes& file, const StorageBytes& storages);

  /// Dense float32 values are seen where they lie, all others are copied. DataError naming the file and
  /// `name` when the tensor reaches beyond its storage, the storage beyond its bytes, or when views repeat
  /// values so often that the copies would be many times as large as the file.
  TensorView read(const StridedTensor& tensor, const std::string& name);

 private:
  std::span<const std::byte> bytes_of(const StridedTensor& tensor, const std::string& name) const;

  const Bytes& file_;
  const StorageBytes& storages_;
  std::size_t budget_;  // bytes that may still be copied
};

}  // namespace alexnet::pytorch
