#include "data/memory.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <limits>

namespace alexnet {
namespace {

constexpr std::size_t kUnknown = std::numeric_limits<std::size_t>::max();

std::size_t machine_available() {
  std::ifstream file("/proc/meminfo");
  std::string key, unit;
  std::size_t kilobytes = 0;
  while (file >> key >> kilobytes) {
    if (key == "MemAvailable:") return kilobytes * 1024;
    std::getline(file, unit);
  }
  return kUnknown;
}

/// Of a control group's memory, what the kernel gives back when it is short: files that were read, above all.
std::size_t group_reclaimable() {
  std::ifstream file("/sys/fs/cgroup/memory.stat");
  std::size_t sum = 0, bytes = 0;
  for (std::string key; file >> key >> bytes;)
    if (key == "active_file" || key == "inactive_file" || key == "slab_reclaimable") sum += bytes;
  return sum;
}

// Control groups, version 2; "max" (no limit) does not parse as a number.
std::size_t group_available() {
  std::size_t limit = 0, used = 0;
  std::ifstream limit_file("/sys/fs/cgroup/memory.max"), used_file("/sys/fs/cgroup/memory.current");
  if (!(limit_file >> limit) || !(used_file >> used)) return kUnknown;
  used -= std::min(used, group_reclaimable());
  return limit > used ? limit - used : 0;
}

}  // namespace

std::size_t available_memory() { return std::min(machine_available(), group_available()); }

std::string gigabytes(std::size_t bytes) {
  return fmt::format("{:.1f} GB", static_cast<double>(bytes) * 1e-9);
}

}  // namespace alexnet
