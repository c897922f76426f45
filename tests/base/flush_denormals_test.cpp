#include "base/flush_denormals.h"

#include <gtest/gtest.h>

#include <limits>
#include <mutex>
#include <vector>

#include "base/parallel.h"

namespace alexnet {
namespace {

/// For each compute thread, whether half of the least normal number is a number there.
std::vector<bool> keep_denormals() {
  std::mutex mutex;
  std::vector<bool> keep;
  parallel_for(thread_count(), 0, [&](std::int64_t, std::int64_t) {
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
  constexpr int kThreads = 3;
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
