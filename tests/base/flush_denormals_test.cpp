#include "base/flush_denormals.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <limits>
#include <mutex>
#include <thread>
#include <vector>

#include "base/parallel.h"

namespace alexnet {
namespace {

constexpr int kThreads = 3;

/// For each compute thread, whether half of the smallest normal number is a number there.
std::vector<bool> keep_denormals() {
  const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  std::mutex mutex;
  std::vector<bool> keep;
  std::atomic<int> arrived = 0;
  parallel_for(kThreads, 1, [&](std::int64_t, std::int64_t) {
    // One range for each thread: none is done before all have come.
    for (++arrived; arrived < kThreads && std::chrono::steady_clock::now() < patience;)
      std::this_thread::yield();
    volatile float number = std::numeric_limits<float>::min();
    number = number * 0.5F;
    const std::lock_guard lock(mutex);
    keep.push_back(number != 0.0F);
  });
  return keep;
}

TEST(FlushDenormals, HoldsOnAllThreadsAndNoLongerThanItsScope) {
#if !defined(__SSE2__) && !defined(__aarch64__)
  GTEST_SKIP() << "this processor has no such setting here";
#endif
  set_thread_count(kThreads);
  EXPECT_EQ(keep_denormals(), std::vector<bool>(kThreads, true));
  {
    const FlushDenormals flush;
    EXPECT_EQ(keep_denormals(), std::vector<bool>(kThreads, false));
    { const FlushDenormals inner; }
    EXPECT_EQ(keep_denormals(), std::vector<bool>(kThreads, false));
  }
  EXPECT_EQ(keep_denormals(), std::vector<bool>(kThreads, true));
  set_thread_count(processor_count());
}

}  // namespace
}  // namespace alexnet
