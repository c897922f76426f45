#include "base/memory.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <string>
#include <vector>

#include "alexnet/error.h"
#include "tests/base/machine_files.h"

namespace alexnet {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMega = 1'000'000;

class Memory : public MachineFiles {
 protected:
  Memory() {
    put("proc/meminfo",
        "MemTotal:       24000000 kB\nMemFree:          100000 kB\nMemAvailable:    9000000 kB");
  }

  void put_group2(const std::string& path, const std::string& limit, std::size_t used) const {
    put("sys/fs/cgroup" + path + "/memory.max", limit);
    put("sys/fs/cgroup" + path + "/memory.current", std::to_string(used));
  }
  void put_group1(const std::string& path, std::size_t limit, std::size_t used) const {
    put("sys/fs/cgroup/memory" + path + "/memory.limit_in_bytes", std::to_string(limit));
    put("sys/fs/cgroup/memory" + path + "/memory.usage_in_bytes", std::to_string(used));
  }
};

TEST_F(Memory, IsWhatTheKernelCallsAvailable) {
  EXPECT_EQ(available_memory_of(root_), std::size_t{9'000'000} * 1024);
}

TEST_F(Memory, OfThisMachineIsThere) {
  EXPECT_GT(available_memory(), 10 * kMega);
  EXPECT_LT(available_memory(), std::size_t{1} << 50);
}

TEST_F(Memory, IsWhatAContainerHasLeft) {
  put("proc/self/cgroup", "0::/");
  put_group2("", "2000000000", 500 * kMega);
  EXPECT_EQ(available_memory_of(root_), 1500 * kMega);
}

// Without a namespace of its own a service sees the whole tree, and is in a group far below.
TEST_F(Memory, IsTheMinimumOfTheGroupsAroundTheProcess) {
  put("proc/self/cgroup", "0::/user.slice/photos.service");
  put_group2("/user.slice", "3000000000", 2900 * kMega);
  put_group2("/user.slice/photos.service", "max", 100 * kMega);
  put_group2("/other.slice", "1000", 0);
  EXPECT_EQ(available_memory_of(root_), 100 * kMega);
}

// A container that sees the host's path but only its own group, at the top.
TEST_F(Memory, IsThatOfTheTopWhereThePathLeadsNowhere) {
  put("proc/self/cgroup", "0::/docker/0123abcd");
  put_group2("", "2000000000", 800 * kMega);
  EXPECT_EQ(available_memory_of(root_), 1200 * kMega);
}

TEST_F(Memory, CountsFilesThatWereReadAsFree) {
  put("proc/self/cgroup", "0::/");
  put_group2("", "2000000000", 1900 * kMega);
  put("sys/fs/cgroup/memory.stat",
      "anon 100000000\ninactive_file 1000000000\nactive_file 500000000\nslab_reclaimable 1000000");
  EXPECT_EQ(available_memory_of(root_), 1601 * kMega);
}

TEST_F(Memory, KnowsTheFirstVersionOfControlGroups) {
  put("proc/self/cgroup", "5:cpu,cpuacct:/elsewhere\n4:memory:/jobs/17\n0::/unified");
  put_group1("", 9223372036854771712, 8000 * kMega);
  put_group1("/jobs", 9223372036854771712, 8000 * kMega);
  put_group1("/jobs/17", 2000 * kMega, 1500 * kMega);
  put("sys/fs/cgroup/memory/jobs/17/memory.stat", "active_file 1\ntotal_active_file 1000000000");
  put_group1("/elsewhere", 1000, 0);
  EXPECT_EQ(available_memory_of(root_), 1500 * kMega);
}

TEST_F(Memory, IsNothingWhereAGroupIsFull) {
  put("proc/self/cgroup", "0::/");
  put_group2("", "1000000000", 1001 * kMega);
  EXPECT_EQ(available_memory_of(root_), 0U);
}

TEST_F(Memory, IsLimitedByWhatAServiceIsThrottledAt) {
  put("proc/self/cgroup", "0::/photos.service");
  put_group2("/photos.service", "max", 500 * kMega);
  put("sys/fs/cgroup/photos.service/memory.high", "2000000000");
  EXPECT_EQ(available_memory_of(root_), 1500 * kMega);
}

TEST_F(Memory, KnowsTheSecondVersionBesideTheFirst) {
  put("proc/self/cgroup", "3:cpuset:/\n0::/photos");
  put_group2("/unified/photos", "2000000000", 500 * kMega);
  EXPECT_EQ(available_memory_of(root_), 1500 * kMega);
}

TEST_F(Memory, CountsSwapWhereAsked) {
  put("proc/meminfo",
      "MemAvailable:    1000000 kB\nSwapTotal:       9000000 kB\nSwapFree:        2000000 kB");
  EXPECT_EQ(available_memory_of(root_), std::size_t{1'000'000} * 1024);
  EXPECT_EQ(available_memory_of(root_, /*with_swap=*/true), std::size_t{3'000'000} * 1024);
}

// Mapped and not used: for the kernel it is still available.
TEST(PromisedMemory, CountsUntilItIsUsed) {
  constexpr std::size_t kBytes = std::size_t{64} << 20;
  void* start = ::mmap(nullptr, kBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(start, MAP_FAILED);
  const std::size_t before = promised_memory();
  promise_memory(start, kBytes);
  EXPECT_EQ(promised_memory(), before + kBytes);
  std::memset(start, 1, kBytes / 4);
  EXPECT_EQ(promised_memory(), before + kBytes - kBytes / 4);
  withdraw_promise(start);
  EXPECT_EQ(promised_memory(), before);
  ::munmap(start, kBytes);
}

TEST(PromisedMemory, IsNotAvailable) {
  constexpr std::size_t kBytes = std::size_t{1} << 36;  // of a machine that has less, nothing is left
  void* start =
      ::mmap(nullptr, kBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  ASSERT_NE(start, MAP_FAILED);
  const std::size_t before = available_memory();
  promise_memory(start, kBytes);
  EXPECT_LE(available_memory(), before - std::min(before, kBytes / 2));
  withdraw_promise(start);
  ::munmap(start, kBytes);
}

TEST(MemoryText, HasAUnitThatSuits) {
  EXPECT_EQ(memory_text(300'000), "0 MB");
  EXPECT_EQ(memory_text(154'000'000), "154 MB");
  EXPECT_EQ(memory_text(64'040'000'000), "64.0 GB");
}

TEST(RequireMemory, SaysWhatIsFree) {
  EXPECT_NO_THROW(require_memory(1000));
  try {
    require_memory(std::size_t{1} << 60);
    ADD_FAILURE() << "no DeviceError";
  } catch (const DeviceError& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("1152921504.6 GB are needed in one piece, but only"));
    EXPECT_THAT(error.fix(), testing::HasSubstr("--batch"));
  }
  try {
    require_memory(std::size_t{1} << 60, "use another file");
    ADD_FAILURE() << "no DeviceError";
  } catch (const DeviceError& error) {
    EXPECT_EQ(error.fix(), "use another file");
  }
}

/// Bytes of this process that are in memory.
std::size_t resident() {
  std::size_t all = 0, pages = 0;
  std::ifstream("/proc/self/statm") >> all >> pages;
  return pages * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

TEST(FreedMemory, GoesBackToTheKernel) {
#ifdef ALEXNET_SANITIZED
  GTEST_SKIP() << "memory is a sanitizer's";
#endif
  constexpr std::size_t kBlock = 64'000, kBlocks = 500;
  std::vector<std::string> blocks;
  for (std::size_t i = 0; i < kBlocks; ++i) blocks.emplace_back(kBlock, 'x');
  blocks.erase(blocks.begin(), blocks.end() - 1);  // the last one lies behind all that was freed
  const std::size_t before = resident();
  return_freed_memory();
  EXPECT_LT(resident() + kBlock * kBlocks / 2, before);
}

}  // namespace
}  // namespace alexnet
