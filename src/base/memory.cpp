#include "base/memory.h"

#include <fmt/format.h>
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <limits>
#include <map>
#include <mutex>
#include <optional>
#include <string_view>
#include <vector>

#include "alexnet/error.h"
#include "base/control_groups.h"

namespace alexnet {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kUnknown = std::numeric_limits<std::size_t>::max();

/// Bytes of a line of /proc/meminfo.
std::optional<std::size_t> machine_value(const fs::path& root, std::string_view wanted) {
  std::ifstream file(root / "proc/meminfo");
  std::string key, unit;
  std::size_t kilobytes = 0;
  while (file >> key >> kilobytes) {
    if (key == wanted) return kilobytes * 1024;
    std::getline(file, unit);
  }
  return std::nullopt;
}

/// What a version of control groups calls a group's memory.
struct GroupFiles {
  GroupTree tree;
  const char *limit, *throttle, *used;  // processes over `throttle` are slowed down heavily
  std::string_view prefix;              // of the lines of memory.stat that count a group with all below it
};
constexpr GroupFiles kVersion1 = {
    {"sys/fs/cgroup/memory", "memory"}, "memory.limit_in_bytes", "", "memory.usage_in_bytes", "total_"};
constexpr GroupFiles kVersion2 = {kGroups2, "memory.max", "memory.high", "memory.current", ""};
constexpr GroupFiles kHybrid = {kHybridGroups2, "memory.max", "memory.high", "memory.current", ""};

/// What the kernel gives back when a group is short: files that were read, above all.
std::size_t reclaimable(const fs::path& group, std::string_view prefix) {
  std::ifstream file(group / "memory.stat");
  std::size_t sum = 0, bytes = 0;
  for (std::string key; file >> key >> bytes;)
    for (const std::string_view name : {"active_file", "inactive_file", "slab_reclaimable"})
      if (key.starts_with(prefix) && key.substr(prefix.size()) == name) sum += bytes;
  return sum;
}

std::size_t group_available(const fs::path& group, const GroupFiles& files) {
  // "max" (version 2: none) does not parse as a number; version 1 says so with a huge one.
  const auto number = [&](const char* name) {
    std::size_t value = 0;
    std::ifstream file(group / name);
    return file >> value ? value : kUnknown;
  };
  const std::size_t limit = std::min(number(files.limit), number(files.throttle));
  std::size_t used = number(files.used);
  if (limit == kUnknown || used == kUnknown) return kUnknown;
  used -= std::min(used, reclaimable(group, files.prefix));
  return limit > used ? limit - used : 0;
}

/// The minimum that its group and those around it have left.
std::size_t groups_available(const fs::path& root, const GroupFiles& files) {
  std::size_t min = kUnknown;
  visit_own_groups(root, files.tree,
                   [&](const fs::path& group) { min = std::min(min, group_available(group, files)); });
  return min;
}

struct Promises {
  std::mutex mutex;
  std::map<const void*, std::size_t> bytes;  // by start
};

/// Never destroyed: what is static and promises memory may live as long.
Promises& promises() {
  static auto* const all = new Promises;
  return *all;
}

}  // namespace

std::size_t available_memory_of(const fs::path& root, bool with_swap) {
  std::size_t available = machine_value(root, "MemAvailable:").value_or(kUnknown);
  if (with_swap && available != kUnknown) available += machine_value(root, "SwapFree:").value_or(0);
  for (const GroupFiles& files : {kVersion1, kVersion2, kHybrid})
    available = std::min(available, groups_available(root, files));
  return available;
}

std::size_t available_memory() {
  const std::size_t available = available_memory_of("/"), promised = promised_memory();
  return available - std::min(available, promised);
}

void require_memory(std::size_t bytes, std::string_view fix) {
  constexpr std::size_t kSpare = 16;  // a sixteenth stays for what does not ask
  const std::size_t available = available_memory_of("/", /*with_swap=*/true), promised = promised_memory();
  const std::size_t left = available - std::min(available, promised);
  if (bytes > left - left / kSpare)
    throw DeviceError("memory",
                      fmt::format("{} are needed in one piece, but only {} are free", memory_text(bytes),
                                  memory_text(left)),
                      std::string(fix));
}

void promise_memory(const void* start, std::size_t bytes) {
  const std::lock_guard lock(promises().mutex);
  promises().bytes.insert_or_assign(start, bytes);
}

void withdraw_promise(const void* start) {
  const std::lock_guard lock(promises().mutex);
  promises().bytes.erase(start);
}

std::size_t promised_memory() {
  const std::lock_guard lock(promises().mutex);
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  std::size_t pages = 0;
  for (const auto& [start, bytes] : promises().bytes) {
    std::vector<unsigned char> states((bytes + page - 1) / page);
    if (::mincore(const_cast<void*>(start), bytes, states.data()) != 0) continue;
    pages += static_cast<std::size_t>(
        std::ranges::count_if(states, [](unsigned char state) { return (state & 1) == 0; }));
  }
  return pages * page;
}

void return_freed_memory() {
#ifdef __GLIBC__
  ::malloc_trim(0);
#endif
}

std::string memory_text(std::size_t bytes) {
  const auto value = static_cast<double>(bytes);
  return value < 1e9 ? fmt::format("{:.0f} MB", value * 1e-6) : fmt::format("{:.1f} GB", value * 1e-9);
}

}  // namespace alexnet
