// A 64-bit fingerprint of data, for telling whether it is still the same. Not for security.
#pragma once

#include <bit>
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

/// The same of one file's content, for telling files of a large set apart: differences of any bits of a word
/// reach all bits, which Digest, whose values are in files, does not promise.
inline std::uint64_t content_digest(std::span<const std::byte> bytes) {
  std::uint64_t value = bytes.size();
  const auto add = [&](std::span<const std::byte> part) {
    std::uint64_t word = 0;
    std::memcpy(&word, part.data(), part.size());
    value = (std::rotl(value, 23) ^ word) * 0x9e3779b97f4a7c15ULL;
    value ^= value >> 32;
  };
  for (; bytes.size() >= sizeof(std::uint64_t); bytes = bytes.subspan(sizeof(std::uint64_t)))
    add(bytes.first(sizeof(std::uint64_t)));
  if (!bytes.empty()) add(bytes);
  return value;
}

}  // namespace alexnet
