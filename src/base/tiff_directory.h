// The first directory of a TIFF structure: what EXIF is, and what tells a camera's raw image from a TIFF
// image.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

namespace alexnet {

class TiffDirectory {
 public:
  /// Of the bytes of a TIFF structure, or of the first of them. A broken one is empty.
  explicit TiffDirectory(std::span<const std::byte> bytes);

  /// The first value of a tag, a whole number; nothing when the tag is not there.
  std::optional<std::uint32_t> value(std::uint16_t tag) const;

 private:
  std::optional<std::uint32_t> number(std::size_t offset, std::size_t count) const;

  std::span<const std::byte> bytes_;
  std::endian order_ = std::endian::big;
  std::size_t entries_at_ = 0;
  std::uint32_t entries_ = 0;
};

}  // namespace alexnet
