#include "tests/train/allocations.h"

#include <dlfcn.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <new>

namespace alexnet {
namespace {

/// oneDNN's primitives take less than this at a time.
constexpr std::size_t kWorkSpace = std::size_t{1} << 16;

std::atomic<bool> counting{false};
std::atomic<std::int64_t> calls_counted{0}, work_spaces_counted{0};

bool computes(void* caller) {
  Dl_info info{};
  if (dladdr(caller, &info) == 0 || info.dli_fname == nullptr) return false;
  return std::strstr(info.dli_fname, "libdnnl") != nullptr ||
         std::strstr(info.dli_fname, "libgomp") != nullptr ||
         std::strstr(info.dli_fname, "libomp") != nullptr;
}

[[maybe_unused]] void count(std::size_t size, void* caller) {
  if (!counting) return;
  if (!computes(caller))
    ++calls_counted;
  else if (size >= kWorkSpace)
    ++work_spaces_counted;
}

}  // namespace

AllocationCount::AllocationCount() {
  calls_counted = work_spaces_counted = 0;
  counting = true;
}
AllocationCount::~AllocationCount() { counting = false; }
std::int64_t AllocationCount::calls() const { return calls_counted; }
std::int64_t AllocationCount::work_spaces() const { return work_spaces_counted; }

#ifdef ALEXNET_SANITIZED
const bool kCountsAllocations = false;
#else
const bool kCountsAllocations = true;
#endif

}  // namespace alexnet

#ifndef ALEXNET_SANITIZED

using alexnet::count;

// What glibc's functions are called when a program has its own in their places. free() stays glibc's.
extern "C" {
void* __libc_malloc(std::size_t size);                       // NOLINT(bugprone-reserved-identifier)
void* __libc_calloc(std::size_t number, std::size_t size);   // NOLINT(bugprone-reserved-identifier)
void* __libc_realloc(void* memory, std::size_t size);        // NOLINT(bugprone-reserved-identifier)
void* __libc_memalign(std::size_t align, std::size_t size);  // NOLINT(bugprone-reserved-identifier)

void* malloc(std::size_t size) noexcept {
  count(size, __builtin_return_address(0));
  return __libc_malloc(size);
}
void* calloc(std::size_t number, std::size_t size) noexcept {
  count(number * size, __builtin_return_address(0));
  return __libc_calloc(number, size);
}
void* realloc(void* memory, std::size_t size) noexcept {
  count(size, __builtin_return_address(0));
  return __libc_realloc(memory, size);
}
void* aligned_alloc(std::size_t alignment, std::size_t size) noexcept {
  count(size, __builtin_return_address(0));
  return __libc_memalign(alignment, size);
}
int posix_memalign(void** memory, std::size_t alignment, std::size_t size) noexcept {
  count(size, __builtin_return_address(0));
  void* got = __libc_memalign(alignment, size);
  if (got == nullptr) return ENOMEM;
  *memory = got;
  return 0;
}
void* mmap(void* where, std::size_t size, int protection, int flags, int file, off_t offset) noexcept {
  count(size, __builtin_return_address(0));
  // NOLINTNEXTLINE(performance-no-int-to-ptr): that is how system calls return addresses
  return reinterpret_cast<void*>(syscall(SYS_mmap, where, size, protection, flags, file, offset));
}
}

namespace {

void* allocate(std::size_t size, std::size_t alignment, void* caller) {
  count(size, caller);
  void* memory = __libc_memalign(alignment, size);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

}  // namespace

// The standard library's would do, but that its calls of malloc() hide who wanted the memory.
void* operator new(std::size_t size) {
  return allocate(size, alignof(std::max_align_t), __builtin_return_address(0));
}
void* operator new(std::size_t size, std::align_val_t alignment) {
  return allocate(size, static_cast<std::size_t>(alignment), __builtin_return_address(0));
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  count(size, __builtin_return_address(0));
  return __libc_malloc(size);
}
// GCC, where it inlines these and not the operators new above, takes memory for that of another allocator.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }

#endif
