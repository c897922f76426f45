#include "base/parallel.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <mutex>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#include "alexnet/error.h"
#include "alexnet/threads.h"

namespace alexnet {
namespace {

using Range = std::pair<std::int64_t, std::int64_t>;

/// The ranges of one call, in order.
std::vector<Range> ranges_of(std::int64_t count, std::int64_t grain) {
  std::mutex mutex;
  std::vector<Range> ranges;
  parallel_for(count, grain, [&](std::int64_t begin, std::int64_t end) {
    const std::lock_guard lock(mutex);
    ranges.emplace_back(begin, end);
  });
  std::ranges::sort(ranges);
  return ranges;
}

class ParallelFor : public testing::TestWithParam<int> {
 protected:
  ParallelFor() { set_thread_count(GetParam()); }
  ~ParallelFor() override { set_thread_count(processor_count()); }
};

TEST_P(ParallelFor, RangesCoverEverythingOnce) {
  for (const std::int64_t count : {1, 2, 3, 7, 64, 1001})
    for (const std::int64_t grain : {0, 1, 5, 100, 5000}) {
      std::int64_t next = 0;
      const std::vector<Range> ranges = ranges_of(count, grain);
      EXPECT_LE(ranges.size(), static_cast<std::size_t>(GetParam()));
      for (const auto& [begin, end] : ranges) {
        EXPECT_EQ(begin, next);
        EXPECT_GT(end, begin);
        next = end;
      }
      EXPECT_EQ(next, count) << "grain " << grain;
    }
}

TEST_P(ParallelFor, PartsCoverEverythingOnce) {
  for (const std::int64_t count : {-1, 0, 1, 2, 7, 64, 1001})
    for (const std::int64_t part : {0, 1, 5, 100, 5000}) {
      std::vector<std::atomic<int>> visits(static_cast<std::size_t>(std::max<std::int64_t>(count, 0)));
      parallel_parts(count, part, [&](std::int64_t begin, std::int64_t end) {
        EXPECT_LT(begin, end);
        EXPECT_LE(end - begin, std::max<std::int64_t>(part, 1));
        for (std::int64_t i = begin; i < end; ++i) ++visits[static_cast<std::size_t>(i)];
      });
      EXPECT_TRUE(std::ranges::all_of(visits, [](int n) { return n == 1; })) << count << " by " << part;
    }
}

TEST_P(ParallelFor, SplitIsAFunctionOfCountAndThreads) {
  for (int turn = 0; turn < 10; ++turn) EXPECT_EQ(ranges_of(101, 1), ranges_of(101, 1));
}

TEST_P(ParallelFor, NothingToDoIsNotCalled) {
  EXPECT_TRUE(ranges_of(0, 1).empty());
  EXPECT_TRUE(ranges_of(-3, 1).empty());
}

TEST_P(ParallelFor, UpToAGrainStaysOnTheCallingThread) {
  const auto caller = std::this_thread::get_id();
  parallel_for(50, 50, [&](std::int64_t begin, std::int64_t end) {
    EXPECT_EQ(std::this_thread::get_id(), caller);
    EXPECT_EQ(Range(begin, end), Range(0, 50));
  });
}

INSTANTIATE_TEST_SUITE_P(Threads, ParallelFor, testing::Values(1, 2, 3, 8));

// The thread that meets the first item stays with it until all others are done.
TEST(ParallelParts, OfASlowThreadAreTakenByOthers) {
  set_thread_count(2);
  constexpr std::int64_t kItems = 64;
  const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  std::atomic<std::int64_t> done = 0;
  parallel_parts(kItems, 1, [&](std::int64_t begin, std::int64_t end) {
    while (begin == 0 && done < kItems - 1 && std::chrono::steady_clock::now() < patience)
      std::this_thread::yield();
    if (begin == 0) {
      EXPECT_EQ(done, kItems - 1);
    }
    done += end - begin;
  });
  EXPECT_EQ(done, kItems);
  set_thread_count(processor_count());
}

TEST(ThreadCount, IsAtLeastOne) {
  EXPECT_GE(processor_count(), 1);
  set_thread_count(0);
  EXPECT_EQ(thread_count(), 1);
  set_threads(3);
  EXPECT_EQ(thread_count(), 3);
  EXPECT_THROW(set_threads(0), UsageError);
  EXPECT_EQ(thread_count(), 3);
  set_thread_count(processor_count());
}

}  // namespace
}  // namespace alexnet
