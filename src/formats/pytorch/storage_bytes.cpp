#include "formats/pytorch/storage_bytes.h"

#include <fmt/format.h>

#include <cstring>

#include "alexnet/error.h"

namespace alexnet::pytorch {

std::span<const std::byte> take_storage(std::span<const std::byte>& rest, Element element,
                                        const std::string& where) {
  constexpr const char* kCutShort = "the file was probably truncated when it was copied";
  std::uint64_t count = 0;
  if (rest.size() < sizeof count) throw DataError(where, "ends before its tensors", kCutShort);
  std::memcpy(&count, rest.data(), sizeof count);
  rest = rest.subspan(sizeof count);
  if (count > rest.size() / element_size(element))
    throw DataError(where, fmt::format("declares a storage of {} values, but ends before", count), kCutShort);
  const std::span<const std::byte> bytes = rest.first(count * element_size(element));
  rest = rest.subspan(bytes.size());
  return bytes;
}

void require_little_endian(const Value& system, const std::string& where) {
  const auto* dict = as<Dict>(system);
  const Value* little = dict == nullptr ? nullptr : dict->find("little_endian");
  if (little != nullptr && *little == Value(false))
    throw DataError(where, "was written on a big-endian machine", "load and save it with PyTorch");
}

}  // namespace alexnet::pytorch
