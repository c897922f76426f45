#include "base/parallel.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <mutex>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#include "alexnet/error.h"
#include "alexnet/threads.h"
#include "base/compute_team.h"

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
      for (const auto& [begin, end] : ranges) {
        EXPECT_EQ(begin, next);
        EXPECT_GT(end, begin);
        if (end < count) {
          EXPECT_GE(end - begin, grain);
        }
        next = end;
      }
      EXPECT_EQ(next, count) << "grain " << grain;
    }
}

TEST_P(ParallelFor, NoMemberOverlapsItself) {
  std::vector<std::atomic<int>> inside(static_cast<std::size_t>(GetParam()));
  parallel_for(1000, 1, GetParam(), [&](std::int64_t /*begin*/, std::int64_t /*end*/, int member) {
    ASSERT_LT(member, GetParam());
    EXPECT_EQ(inside[static_cast<std::size_t>(member)]++, 0);
    std::this_thread::yield();
    --inside[static_cast<std::size_t>(member)];
  });
}

TEST_P(ParallelFor, WithinABodyStaysOnItsThread) {
  parallel_for(16, 1, [](std::int64_t /*begin*/, std::int64_t /*end*/) {
    const auto thread = std::this_thread::get_id();
    parallel_for(16, 1, [&](std::int64_t /*begin*/, std::int64_t /*end*/) {
      EXPECT_EQ(std::this_thread::get_id(), thread);
    });
  });
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

class ParallelPipeline : public testing::TestWithParam<int> {
 protected:
  ParallelPipeline() { set_thread_count(GetParam()); }
  ~ParallelPipeline() override { set_thread_count(processor_count()); }
};

TEST_P(ParallelPipeline, RunsEveryUnitOnceAndKeepsItsDistance) {
  constexpr std::int64_t kStages = 3;
  for (const std::int64_t items : {1, 2, 5, 700})  // the last has more phases than are kept at a time
    for (const std::int64_t distance : {0, 1, 2, 4}) {
      const bool overlap = distance > 0;
      const std::int64_t kept = std::max<std::int64_t>(distance, 1);
      const auto units = [](std::int64_t item, std::int64_t stage) { return 1 + (item + stage) % 4; };
      const auto phase = [&](std::int64_t item, std::int64_t stage) {
        return (overlap ? item + stage : item) * kStages + stage;
      };
      const auto phases = static_cast<std::size_t>((overlap ? items + kStages - 1 : items) * kStages);
      std::vector<std::atomic<std::int64_t>> ended(phases);
      std::vector<std::int64_t> wanted(phases, 0);
      for (std::int64_t item = 0; item < items; ++item)
        for (std::int64_t stage = 0; stage < kStages; ++stage)
          wanted[static_cast<std::size_t>(phase(item, stage))] = units(item, stage);
      std::atomic<int> too_early = 0;
      parallel_pipeline(
          items, kStages, distance, units, [&](std::int64_t item, std::int64_t stage, std::int64_t /*unit*/) {
            const std::int64_t own = phase(item, stage);
            for (std::int64_t before = 0; before <= own - kept; ++before)
              too_early += ended[static_cast<std::size_t>(before)] < wanted[static_cast<std::size_t>(before)];
            ++ended[static_cast<std::size_t>(own)];
          });
      EXPECT_EQ(too_early, 0) << items << " items, distance " << distance;
      for (std::size_t i = 0; i < phases; ++i) EXPECT_EQ(ended[i], wanted[i]) << "phase " << i;
    }
}

INSTANTIATE_TEST_SUITE_P(Threads, ParallelPipeline, testing::Values(1, 2, 3, 8));

INSTANTIATE_TEST_SUITE_P(Threads, ParallelFor, testing::Values(1, 2, 3, 8));

// The thread that meets the first item stays with it until all others are done.
TEST(ComputeTeam, WorkOfASlowThreadIsTakenByOthers) {
  set_thread_count(2);
  constexpr std::int64_t kItems = 32;  // as many as there are ranges
  const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  std::atomic<std::int64_t> done = 0;
  parallel_for(kItems, 1, [&](std::int64_t begin, std::int64_t end) {
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

TEST(ComputeTeam, NoticesThatItsProcessorsAreShared) {
  const auto run = [](std::chrono::milliseconds pause) {
    parallel_pipeline(
        2, 1, 0, [](std::int64_t, std::int64_t) { return 2; },
        [&](std::int64_t item, std::int64_t /*stage*/, std::int64_t unit) {
          if (item == 0 && unit == 0) std::this_thread::sleep_for(pause);
        });
  };
  set_thread_count(2);
  std::this_thread::sleep_for(std::chrono::milliseconds(250));
  EXPECT_FALSE(processors_are_shared());
  // As if the processor of one thread were taken away: the other one waits for it, once both have begun.
  const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!processors_are_shared() && std::chrono::steady_clock::now() < patience)
    run(std::chrono::milliseconds(20));
  EXPECT_TRUE(processors_are_shared());
  std::this_thread::sleep_for(std::chrono::milliseconds(250));
  EXPECT_FALSE(processors_are_shared());
  set_thread_count(processor_count());
}

// As many callers as a server has threads, and more than the team has members.
TEST(ComputeTeam, IsSharedByAllCallers) {
  set_thread_count(3);
  std::atomic<std::int64_t> sum = 0;
  std::vector<std::thread> callers;
  for (int i = 0; i < 80; ++i)
    callers.emplace_back([&] {
      for (int turn = 0; turn < 50; ++turn)
        parallel_for(100, 1, [&](std::int64_t begin, std::int64_t end) { sum += end - begin; });
    });
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(sum, 80 * 50 * 100);
  set_thread_count(processor_count());
}

// A child process has none of the threads of its parent.
TEST(ComputeTeam, WorksInAChildProcess) {
  if (std::getenv("QEMU_CPU") != nullptr) GTEST_SKIP() << "qemu-user starts no threads in a child process";
  set_thread_count(2);
  parallel_for(100, 1, [](std::int64_t /*begin*/, std::int64_t /*end*/) {});
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    alarm(20);
    std::mutex mutex;
    std::set<std::thread::id> threads;
    const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    const auto seen = [&] {
      const std::lock_guard lock(mutex);
      threads.insert(std::this_thread::get_id());
      return threads.size();
    };
    parallel_for(2, 1, [&](std::int64_t /*begin*/, std::int64_t /*end*/) {
      while (seen() < 2 && std::chrono::steady_clock::now() < patience) std::this_thread::yield();
    });
    _exit(seen() == 2 ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
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
