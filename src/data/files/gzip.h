// Unpacking gzip, with its checksums and lengths checked.
#pragma once

#include <zlib.h>

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace alexnet {

/// Whether bytes begin as gzip does.
bool is_gzip(std::span<const std::byte> bytes);

/// Reads what some packed bytes hold, piece by piece; of several members one after the other.
class Gunzip {
 public:
  /// `packed` must outlive it; `where` is named in errors.
  Gunzip(std::span<const std::byte> packed, std::string where);
  ~Gunzip();
  Gunzip(const Gunzip&) = delete;
  Gunzip& operator=(const Gunzip&) = delete;

  /// Fills `out`, or less where nothing follows: then the checksums and lengths of all members have been
  /// found right. DataError when they are not, or when the bytes are damaged or cut short.
  std::size_t read(std::span<std::byte> out);

 private:
  std::span<const std::byte> packed_;
  std::string where_;
  z_stream stream_{};
  std::size_t used_ = 0;
  bool ended_ = false;
};

/// At most `max` bytes of what packed bytes hold. Takes memory for what is there, not for `max`. DataError.
std::vector<std::byte> gunzip(std::span<const std::byte> packed, std::size_t max, const std::string& where);

}  // namespace alexnet
