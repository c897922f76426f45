#include "formats/pytorch/strided.h"

#include <fmt/format.h>

#include <cstring>
#include <optional>
#include <utility>
#include <vector>

#include "alexnet/error.h"

namespace alexnet::pytorch {
namespace {

/// The values of a tensor one behind the other, in the order of its shape.
std::vector<std::byte> gathered(std::span<const std::byte> storage, const StridedTensor& tensor,
                                std::size_t count) {
  const std::size_t size = element_size(tensor.storage->element);
  std::vector<std::byte> values(count * size);
  std::vector<std::int64_t> index(tensor.shape.size());
  std::int64_t at = tensor.offset;
  for (std::size_t i = 0; i < count; ++i) {
    std::memcpy(values.data() + i * size, storage.data() + static_cast<std::size_t>(at) * size, size);
    for (std::size_t d = index.size(); d-- > 0;) {
      at += tensor.strides[d];
      if (++index[d] < tensor.shape[d]) break;
      at -= tensor.strides[d] * tensor.shape[d];
      index[d] = 0;
    }
  }
  return values;
}

bool is_dense(const StridedTensor& tensor) {
  std::int64_t expected = 1;
  for (std::size_t d = tensor.shape.size(); d-- > 0;) {
    if (tensor.shape[d] != 1 && tensor.strides[d] != expected) return false;
    expected *= tensor.shape[d];
  }
  return true;
}

/// The number of elements from the first of the storage to the last of the tensor; nothing when it overflows
/// or an extent is negative.
std::optional<std::int64_t> reach(const StridedTensor& tensor) {
  std::int64_t last = tensor.offset;
  if (last < 0 || tensor.shape.size() != tensor.strides.size()) return std::nullopt;
  for (std::size_t d = 0; d < tensor.shape.size(); ++d) {
    std::int64_t step = 0;
    if (tensor.strides[d] < 0 || __builtin_mul_overflow(tensor.shape[d] - 1, tensor.strides[d], &step) ||
        __builtin_add_overflow(last, step, &last))
      return std::nullopt;
  }
  return last + 1;
}

}  // namespace

StridedReader::StridedReader(const Bytes& file, const StorageBytes& storages)
    : file_(file), storages_(storages) {
  // A byte becomes a float; views of the same values, which some networks share, become several.
  constexpr std::size_t kCopies = 16, kAlways = std::size_t{1} << 20;
  budget_ = kCopies * file.data.size() + kAlways;
}

std::span<const std::byte> StridedReader::bytes_of(const StridedTensor& tensor,
                                                   const std::string& name) const {
  const Storage& storage = *tensor.storage;
  const auto found = storages_.find(storage.key);
  if (found == storages_.end())
    throw DataError(file_.name, fmt::format("is damaged: the storage of tensor '{}' is missing", name));
  const std::size_t size = element_size(storage.element);
  const auto there = static_cast<std::int64_t>(found->second.size() / size);
  if (storage.begin < 0 || storage.count < 0 || storage.begin > there ||
      storage.count > there - storage.begin)
    throw DataError(file_.name,
                    fmt::format("is damaged: tensor '{}' is a view of {} values, of which {} are there", name,
                                storage.count, there));
  return found->second.subspan(static_cast<std::size_t>(storage.begin) * size,
                               static_cast<std::size_t>(storage.count) * size);
}

TensorView StridedReader::read(const StridedTensor& tensor, const std::string& name) {
  const Element element = tensor.storage->element;
  const std::span<const std::byte> storage = bytes_of(tensor, name);
  const std::optional<std::size_t> bytes = byte_count(tensor.shape, element);
  const std::optional<std::int64_t> end = reach(tensor);
  if (!bytes || !end || (*bytes > 0 && *end > tensor.storage->count))
    throw DataError(file_.name,
                    fmt::format("is damaged: tensor '{}' of shape {} reaches beyond its {} values", name,
                                to_string(tensor.shape), tensor.storage->count));
  const std::size_t size = element_size(element), count = *bytes / size;
  const bool dense = is_dense(tensor);
  std::span<const std::byte> values;
  if (dense && count > 0) values = storage.subspan(static_cast<std::size_t>(tensor.offset) * size, *bytes);
  if (dense && element == Element::kF32 &&
      reinterpret_cast<std::uintptr_t>(values.data()) % alignof(float) == 0)
    return {tensor.shape, {reinterpret_cast<const float*>(values.data()), count}, file_.keep};
  const std::size_t copied = count * (sizeof(float) + (dense ? 0 : size));
  if (copied > budget_)
    throw DataError(file_.name, fmt::format("repeats its values so often that tensor '{}' is refused", name),
                    "save copies: tensor.clone()");
  budget_ -= copied;
  std::vector<std::byte> ordered;
  if (!dense) values = ordered = gathered(storage, tensor, count);
  Tensor result(tensor.shape);
  to_float(element, values, result.values);
  return TensorView::own(std::move(result));
}

}  // namespace alexnet::pytorch
