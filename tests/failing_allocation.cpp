#include "tests/failing_allocation.h"

#include <cstddef>
#include <cstdlib>

namespace {

thread_local bool limited = false;
thread_local std::int64_t allocations_left = 0;  // below 0: one failed

bool fails() noexcept { return limited && allocations_left >= 0 && allocations_left-- == 0; }

void* allocate(std::size_t size) noexcept { return fails() ? nullptr : std::malloc(size == 0 ? 1 : size); }

}  // namespace

namespace alexnet::test {

FailingAllocation::FailingAllocation(std::int64_t allowed) {
  allocations_left = allowed;
  limited = true;
}
FailingAllocation::~FailingAllocation() { limited = false; }
bool FailingAllocation::failed() const { return allocations_left < 0; }

}  // namespace alexnet::test

void* operator new(std::size_t size) {
  void* memory = allocate(size);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return allocate(size); }
// GCC, where it inlines these and not the operators new above, takes memory for that of another allocator.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept { std::free(memory); }
