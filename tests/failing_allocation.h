// Memory that runs out at a chosen moment: the program's operator new is its own (failing_allocation.cpp).
#pragma once

#include <cstdint>
#include <new>

namespace alexnet::test {

/// Lets `allowed` calls of operator new on this thread succeed and the next one throw std::bad_alloc, once.
class FailingAllocation {
 public:
  explicit FailingAllocation(std::int64_t allowed);
  ~FailingAllocation();
  FailingAllocation(const FailingAllocation&) = delete;
  FailingAllocation& operator=(const FailingAllocation&) = delete;
  /// Whether it came to that.
  bool failed() const;
};

/// Runs the action with the first allocation failing, then with the second, and so on until all succeed.
/// Returns how many there are. The action may throw std::bad_alloc and nothing else, or do without the
/// memory.
template <class Action>
std::int64_t fail_each_allocation(const Action& action) {
  for (std::int64_t allowed = 0;; ++allowed) {
    try {
      const FailingAllocation failing(allowed);
      action();
      if (!failing.failed()) return allowed;
    } catch (const std::bad_alloc&) {
      continue;
    }
  }
}

}  // namespace alexnet::test
