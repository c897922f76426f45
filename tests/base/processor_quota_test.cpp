#include "base/processor_quota.h"

#include <gtest/gtest.h>

#include <string>

#include "tests/base/machine_files.h"

namespace alexnet {
namespace {

class ProcessorQuota : public MachineFiles {
 protected:
  void put_group1(const std::string& group, const std::string& quota) const {
    put("sys/fs/cgroup/" + group + "/cpu.cfs_quota_us", quota);
    put("sys/fs/cgroup/" + group + "/cpu.cfs_period_us", "100000");
  }
};

TEST_F(ProcessorQuota, IsNoneWithoutControlGroups) { EXPECT_EQ(processor_quota(root_), std::nullopt); }

TEST_F(ProcessorQuota, IsThatOfAContainer) {
  put("proc/self/cgroup", "0::/");
  put("sys/fs/cgroup/cpu.max", "400000 100000");
  EXPECT_EQ(processor_quota(root_), 4);
}

TEST_F(ProcessorQuota, IsRoundedUp) {
  put("proc/self/cgroup", "0::/");
  put("sys/fs/cgroup/cpu.max", "250001 100000");
  EXPECT_EQ(processor_quota(root_), 3);
  put("sys/fs/cgroup/cpu.max", "1000 100000");
  EXPECT_EQ(processor_quota(root_), 1);
}

TEST_F(ProcessorQuota, IsNoneWhereGroupsHaveNone) {
  put("proc/self/cgroup", "0::/photos.service");
  put("sys/fs/cgroup/photos.service/cpu.max", "max 100000");
  put_group1("cpu", "-1");
  EXPECT_EQ(processor_quota(root_), std::nullopt);
}

TEST_F(ProcessorQuota, IsTheSmallestOfTheGroupsAroundTheProcess) {
  put("proc/self/cgroup", "0::/user.slice/photos.service");
  put("sys/fs/cgroup/user.slice/cpu.max", "150000 50000");
  put("sys/fs/cgroup/user.slice/photos.service/cpu.max", "800000 100000");
  put("sys/fs/cgroup/other.slice/cpu.max", "100000 100000");
  EXPECT_EQ(processor_quota(root_), 3);
}

TEST_F(ProcessorQuota, KnowsTheFirstVersionOfControlGroups) {
  put("proc/self/cgroup", "4:memory:/elsewhere\n3:cpu,cpuacct:/jobs/17\n2:cpuset:/elsewhere");
  put_group1("cpu,cpuacct", "-1");
  put_group1("cpu,cpuacct/jobs/17", "200000");
  put_group1("cpu,cpuacct/elsewhere", "100000");
  EXPECT_EQ(processor_quota(root_), 2);
}

// A container that sees the host's path but only its own group, at the top.
TEST_F(ProcessorQuota, IsThatOfTheTopWhereThePathLeadsNowhere) {
  put("proc/self/cgroup", "3:cpu:/docker/0123abcd");
  put_group1("cpu", "500000");
  EXPECT_EQ(processor_quota(root_), 5);
}

TEST_F(ProcessorQuota, KnowsTheSecondVersionBesideTheFirst) {
  put("proc/self/cgroup", "3:cpuset:/\n0::/photos");
  put("sys/fs/cgroup/unified/photos/cpu.max", "600000 100000");
  EXPECT_EQ(processor_quota(root_), 6);
}

TEST_F(ProcessorQuota, IsNoneWhereAFileIsNotWhole) {
  put("proc/self/cgroup", "0::/");
  put("sys/fs/cgroup/cpu.max", "100000");
  EXPECT_EQ(processor_quota(root_), std::nullopt);
}

}  // namespace
}  // namespace alexnet
