// Counts how often this program asks for memory, by whatever name. Its operator new, malloc and mmap are its
// own (allocations.cpp).
#pragma once

#include <cstdint>

namespace alexnet {

/// False under sanitizers, whose own allocators take the place of ours: nothing is counted there.
extern const bool kCountsAllocations;

/// Counts from when it is made to the end of its life; one at a time.
class AllocationCount {
 public:
  AllocationCount();
  ~AllocationCount();
  AllocationCount(const AllocationCount&) = delete;
  AllocationCount& operator=(const AllocationCount&) = delete;

  /// Calls from anywhere but the libraries that compute, oneDNN and OpenMP.
  std::int64_t calls() const;
  /// Calls from those libraries for more than it takes to keep their books.
  std::int64_t work_spaces() const;
};

}  // namespace alexnet
