#include "base/mapped_files.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>

#include "alexnet/bytes.h"

namespace alexnet {
namespace {

/// A mapped file. Read by a signal handler: no locks, no memory of its own.
struct Mapping {
  std::atomic<bool> taken = false;
  std::atomic<std::uintptr_t> begin = 0, end = 0;  // both 0 while the name is written
  std::array<char, 512> name{};
};
static_assert(std::atomic<std::uintptr_t>::is_always_lock_free, "read in a signal handler");

std::array<Mapping, 64> mappings;

std::uintptr_t address_of(const void* data) { return reinterpret_cast<std::uintptr_t>(data); }

}  // namespace

void note_mapping(const void* data, std::size_t size, std::string_view name) {
  for (Mapping& mapping : mappings) {
    if (mapping.taken.exchange(true)) continue;
    const std::size_t length = std::min(name.size(), mapping.name.size() - 1);
    std::ranges::transform(name.substr(0, length), mapping.name.begin(), [](char c) {
      return static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? '?' : c;
    });
    mapping.name[length] = '\0';
    mapping.end = address_of(data) + size;
    mapping.begin = address_of(data);
    return;
  }
}

void forget_mapping(const void* data) {
  for (Mapping& mapping : mappings) {
    if (mapping.begin != address_of(data)) continue;
    mapping.begin = mapping.end = 0;
    mapping.taken = false;
    return;
  }
}

const char* Bytes::mapped_at(const void* address) noexcept {
  const std::uintptr_t at = address_of(address);
  for (const Mapping& mapping : mappings) {
    const std::uintptr_t begin = mapping.begin;
    if (begin != 0 && at >= begin && at < mapping.end) return mapping.name.data();
  }
  return nullptr;
}

}  // namespace alexnet
