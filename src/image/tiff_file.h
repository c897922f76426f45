// A TIFF file in memory, read by libtiff.
#pragma once

#include <tiffio.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace alexnet {

class TiffFile {
 public:
  /// The largest strip, tile or table that is accepted, in bytes.
  static constexpr tmsize_t kMaxBlock = tmsize_t{1} << 30;

  /// DataError naming `name`, which must outlive this, as `bytes` must.
  TiffFile(std::span<const std::byte> bytes, const std::string& name);
  TiffFile(const TiffFile&) = delete;
  TiffFile& operator=(const TiffFile&) = delete;

  /// For libtiff's functions.
  operator TIFF*() const { return tiff_.get(); }

  /// A tag, or TIFF's default of it; nothing where it has none. `Value` must be the tag's type in libtiff.
  template <class Value>
  std::optional<Value> find(std::uint32_t tag) const {
    Value value{};
    if (TIFFGetFieldDefaulted(tiff_.get(), tag, &value) == 0) return std::nullopt;
    return value;
  }

  /// DataError with libtiff's message when a function of libtiff failed.
  void check(bool well) const {
    if (!well) fail();
  }
  [[noreturn]] void fail() const;
  /// DataError for a sort of image that is not read.
  [[noreturn]] void refuse(std::string_view what) const;

  /// The bytes as a file, and the first message of an error about them.
  struct Memory {
    std::span<const std::byte> bytes;
    toff_t at = 0;
    std::array<char, 200> message{};
  };

 private:
  struct Close {
    void operator()(TIFF* tiff) const { TIFFClose(tiff); }
  };

  Memory memory_;
  const std::string& name_;
  std::unique_ptr<TIFF, Close> tiff_;
};

}  // namespace alexnet
