#include "base/memory.h"

#include <fmt/format.h>
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

namespace alexnet {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kUnknown = std::numeric_limits<std::size_t>::max();

std::size_t machine_available(const fs::path& root) {
  std::ifstream file(root / "proc/meminfo");
  std::string key, unit;
  std::size_t kilobytes = 0;
  while (file >> key >> kilobytes) {
    if (key == "MemAvailable:") return kilobytes * 1024;
    std::getline(file, unit);
  }
  return kUnknown;
}

/// The names of a version of control groups.
struct GroupFiles {
  const char* mount;  // where the memory controller's groups are
  const char *limit, *used;
  std::string_view prefix;  // of the lines of memory.stat that count a group with all below it
};
constexpr GroupFiles kVersion1 = {"sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes",
                                  "total_"};
constexpr GroupFiles kVersion2 = {"sys/fs/cgroup", "memory.max", "memory.current", ""};

/// What the kernel gives back when a group is short: files that were read, above all.
std::size_t reclaimable(const fs::path& group, std::string_view prefix) {
  std::ifstream file(group / "memory.stat");
  std::size_t sum = 0, bytes = 0;
  for (std::string key; file >> key >> bytes;)
    for (const std::string_view name : {"active_file", "inactive_file", "slab_reclaimable"})
      if (key.starts_with(prefix) && key.substr(prefix.size()) == name) sum += bytes;
  return sum;
}

/// "max" (version 2, no limit) does not parse as a number; version 1 says so with a huge one.
std::size_t group_available(const fs::path& group, const GroupFiles& files) {
  std::size_t limit = 0, used = 0;
  std::ifstream limit_file(group / files.limit), used_file(group / files.used);
  if (!(limit_file >> limit) || !(used_file >> used)) return kUnknown;
  used -= std::min(used, reclaimable(group, files.prefix));
  return limit > used ? limit - used : 0;
}

/// This process's group in the memory controller, from its line in /proc/self/cgroup:
/// "4:memory:/a/b" (version 1), "0::/a/b" (version 2).
std::optional<fs::path> own_group(const std::string& line, const GroupFiles& files) {
  const std::size_t first = line.find(':'), second = line.find(':', first + 1);
  if (second == std::string::npos) return std::nullopt;
  const std::string controllers = "," + line.substr(first + 1, second - first - 1) + ",";
  const bool version1 = &files == &kVersion1;
  if (version1 ? controllers.find(",memory,") == std::string::npos : controllers != ",,") return std::nullopt;
  return fs::path(line.substr(second + 1)).relative_path();
}

/// The least that its group and those around it have left. In a container the path may be the host's, of
/// which nothing is mounted but the group itself, at the top: so the top is always looked at.
std::size_t groups_available(const fs::path& root, const GroupFiles& files) {
  const fs::path top = root / files.mount;
  std::size_t least = group_available(top, files);
  std::ifstream lines(root / "proc/self/cgroup");
  for (std::string line; std::getline(lines, line);) {
    const std::optional<fs::path> own = own_group(line, files);
    if (!own) continue;
    fs::path group = top;
    for (const fs::path& step : *own) least = std::min(least, group_available(group /= step, files));
  }
  return least;
}

/// What was promised and is still there, by its start.
class Promises {
 public:
  static Promises& all() {
    static Promises promises;
    return promises;
  }
  void add(const void* start, std::size_t bytes) {
    const std::lock_guard lock(mutex_);
    promised_.emplace(start, bytes);
  }
  void remove(const void* start) {
    const std::lock_guard lock(mutex_);
    promised_.erase(start);
  }
  /// Bytes in pages that were not written to.
  std::size_t open() {
    const std::lock_guard lock(mutex_);
    const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    std::size_t pages = 0;
    for (const auto& [start, bytes] : promised_) {
      std::vector<unsigned char> states((bytes + page - 1) / page);
      if (::mincore(const_cast<void*>(start), bytes, states.data()) != 0) continue;
      pages += static_cast<std::size_t>(
          std::ranges::count_if(states, [](unsigned char state) { return (state & 1) == 0; }));
    }
    return pages * page;
  }

 private:
  std::mutex mutex_;
  std::map<const void*, std::size_t> promised_;
};

}  // namespace

std::size_t available_memory_of(const fs::path& root) {
  return std::min(
      {machine_available(root), groups_available(root, kVersion1), groups_available(root, kVersion2)});
}

std::size_t available_memory() {
  const std::size_t available = available_memory_of("/"), promised = Promises::all().open();
  return available - std::min(available, promised);
}

void require_memory(std::size_t bytes) {
  constexpr std::size_t kSpare = 16;  // a sixteenth stays for what does not ask
  const std::size_t available = available_memory();
  if (bytes > available - available / kSpare)
    throw DeviceError(
        "memory",
        fmt::format("this needs {} in one piece where {} are free", gigabytes(bytes), gigabytes(available)),
        "use a smaller --batch or --size");
}

PromisedMemory::PromisedMemory(const void* start, std::size_t bytes) : start_(start) {
  Promises::all().add(start, bytes);
}

PromisedMemory::~PromisedMemory() { Promises::all().remove(start_); }

std::string gigabytes(std::size_t bytes) {
  return fmt::format("{:.1f} GB", static_cast<double>(bytes) * 1e-9);
}

}  // namespace alexnet
