#include "base/tiff_directory.h"

#include "base/byte_order.h"

namespace alexnet {

// TIFF 6.0, section 2: "II" or "MM", 42, the offset of a directory; there a count and 12-byte entries of
// tag, type, count, value.
TiffDirectory::TiffDirectory(std::span<const std::byte> bytes) : bytes_(bytes) {
  constexpr std::uint32_t kLittleEndian = 0x4949, kBigEndian = 0x4d4d, kMagic = 42;
  const auto order = number(0, 2);
  if (order != kLittleEndian && order != kBigEndian) return;
  order_ = order == kBigEndian ? std::endian::big : std::endian::little;
  if (number(2, 2) != kMagic) return;
  const std::size_t directory = number(4, 4).value_or(0);
  entries_ = number(directory, 2).value_or(0);
  entries_at_ = directory + 2;
}

std::optional<std::uint32_t> TiffDirectory::value(std::uint16_t tag) const {
  constexpr std::uint32_t kByte = 1, kLong = 4;
  for (std::uint32_t i = 0; i < entries_; ++i) {
    const std::size_t entry = entries_at_ + std::size_t{12} * i;
    const auto found = number(entry, 2);
    if (!found) return std::nullopt;
    if (found != tag) continue;
    const auto type = number(entry + 2, 2);
    return number(entry + 8, type == kByte ? 1 : type == kLong ? 4 : 2);
  }
  return std::nullopt;
}

std::optional<std::uint32_t> TiffDirectory::number(std::size_t offset, std::size_t count) const {
  return read_number(bytes_, offset, count, order_);
}

}  // namespace alexnet
