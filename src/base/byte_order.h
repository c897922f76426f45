// Numbers in files of either byte order.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace alexnet {

/// The `count` (1 to 4) bytes at `offset` as a number; nothing when they are not there.
inline std::optional<std::uint32_t> read_number(std::span<const std::byte> bytes, std::size_t offset,
                                                std::size_t count, std::endian order) {
  if (offset > bytes.size() || bytes.size() - offset < count) return std::nullopt;
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t at = order == std::endian::big ? offset + i : offset + count - 1 - i;
    value = value << 8 | std::to_integer<std::uint32_t>(bytes[at]);
  }
  return value;
}

}  // namespace alexnet
