#include "tensor/slab.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <limits>
#include <string>

#include "alexnet/error.h"
#include "base/memory.h"

namespace alexnet {
namespace {

constexpr std::size_t kHugePage = std::size_t{2} << 20;

}  // namespace

Slab::Slab(std::size_t count) : size_(count) {
  if (count == 0) return;
  constexpr std::size_t kMax = std::numeric_limits<std::size_t>::max();
  std::size_t bytes = count > kMax / sizeof(float) ? kMax : count * sizeof(float);
  const bool huge = bytes >= kHugePage;
  if (huge) require_memory(bytes);
  const std::size_t granule = huge ? kHugePage : static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  bytes = (bytes + granule - 1) / granule * granule;
  // Map one huge page more than needed and trim, so that the start is aligned for huge pages.
  const std::size_t mapped = huge ? bytes + kHugePage : bytes;
  void* memory = ::mmap(nullptr, mapped, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED)
    throw DeviceError("memory", "no " + memory_text(bytes) + " left", "use a smaller --batch or --size");
  auto* start = static_cast<std::byte*>(memory);
  if (huge) {
    const std::size_t skip = (kHugePage - reinterpret_cast<std::uintptr_t>(start) % kHugePage) % kHugePage;
    if (skip > 0) ::munmap(start, skip);
    start += skip;
    if (const std::size_t rest = mapped - skip - bytes; rest > 0) ::munmap(start + bytes, rest);
    ::madvise(start, bytes, MADV_HUGEPAGE);
  }
  memory_ = std::unique_ptr<float, Free>(reinterpret_cast<float*>(start), Free{bytes});
  if (huge) promise_memory(start, bytes);
}

void Slab::Free::operator()(float* memory) const {
  if (bytes >= kHugePage) withdraw_promise(memory);
  ::munmap(memory, bytes);
}

}  // namespace alexnet
