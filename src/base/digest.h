// A 64-bit fingerprint of data, for telling whether it is still the same. Not for security.
#pragma once

#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

namespace alexnet {

/// FNV-1a (Fowler, Noll, Vo) over 64-bit words instead of bytes: one multiplication per two floats.
class Digest {
 public:
  void add(std::uint64_t word) { value_ = (value_ ^ word) * 0x100000001b3ULL; }
  void add(std::span<const std::byte> bytes) {
    add(bytes.size());
    for (; bytes.size() >= sizeof(std::uint64_t); bytes = bytes.subspan(sizeof(std::uint64_t)))
      add(word(bytes.first(sizeof(std::uint64_t))));
    if (!bytes.empty()) add(word(bytes));
  }
  void add(std::string_view text) { add(std::as_bytes(std::span(text))); }
  // The product moves differences up only: the high bits are folded down once, at the end.
  std::uint64_t value() const { return value_ ^ (value_ >> 32); }

 private:
  static std::uint64_t word(std::span<const std::byte> bytes) {
    std::uint64_t w = 0;
    std::memcpy(&w, bytes.data(), bytes.size());
    return w;
  }
  std::uint64_t value_ = 0xcbf29ce484222325ULL;
};

}  // namespace alexnet
