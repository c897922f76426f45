#include "base/processor_quota.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <limits>
#include <string>

#include "base/control_groups.h"

namespace alexnet {
namespace {

namespace fs = std::filesystem;

constexpr double kNone = std::numeric_limits<double>::infinity();

/// Microseconds of each period. Neither "max" (version 2: no quota) nor -1 (version 1) is a positive number.
double microseconds(std::istream& file) {
  double value = 0;
  return file >> value && value > 0 ? value : kNone;
}

double quota1(const fs::path& group) {
  std::ifstream quota(group / "cpu.cfs_quota_us"), period(group / "cpu.cfs_period_us");
  const double allowed = microseconds(quota);
  return allowed == kNone ? kNone : allowed / microseconds(period);
}

double quota2(const fs::path& group) {
  std::ifstream file(group / "cpu.max");  // "200000 100000"
  const double allowed = microseconds(file);
  return allowed == kNone ? kNone : allowed / microseconds(file);
}

}  // namespace

std::optional<int> processor_quota(const fs::path& root) {
  double smallest = kNone;
  // 0: its period is not known.
  const auto take = [&](double quota) { smallest = quota > 0 ? std::min(smallest, quota) : smallest; };
  // Most systems mount "cpu" together with "cpuacct", some under one of the names alone.
  for (const char* mount : {"sys/fs/cgroup/cpu", "sys/fs/cgroup/cpu,cpuacct"})
    visit_own_groups(root, {mount, "cpu"}, [&](const fs::path& group) { take(quota1(group)); });
  for (const GroupTree& tree : {kGroups2, kHybridGroups2})
    visit_own_groups(root, tree, [&](const fs::path& group) { take(quota2(group)); });
  if (smallest == kNone) return std::nullopt;
  constexpr double kMax = 1 << 20;
  return std::max(1, static_cast<int>(std::ceil(std::min(smallest, kMax))));
}

}  // namespace alexnet
