#include "base/parallel.h"

#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <cstdlib>
#include <string_view>

#include "base/compute_team.h"
#include "base/processor_quota.h"

namespace alexnet {
namespace {

std::atomic<int> threads = 0;  // in use; 0: nothing was said yet

/// The first number of OMP_NUM_THREADS, which users of other programs set; 0: none.
int threads_of_environment() {
  const char* text = std::getenv("OMP_NUM_THREADS");
  if (text == nullptr) return 0;
  const std::string_view digits(text);
  int count = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), count);
  return std::max(0, count);
}

/// How many there are where nobody says otherwise. The quota limits the number of processors alone: a
/// person's word holds.
int first_thread_count() {
  if (const int said = threads_of_environment(); said > 0) return said;
  return std::min(processor_count(), processor_quota().value_or(processor_count()));
}

/// How many there are where a run does not say otherwise.
std::atomic<int>& usual_thread_count() {
  static std::atomic<int> count = first_thread_count();
  return count;
}

/// Ranges that are left of those of one member: [begin, end) in one word, so that both ends can be taken
/// from.
class Remaining {
 public:
  void set(std::int64_t begin, std::int64_t end) { ends_.store(pack(begin, end), std::memory_order_relaxed); }

  /// The first or the last one; -1: none is left.
  std::int64_t take(bool first) {
    std::uint64_t ends = ends_.load(std::memory_order_relaxed);
    for (;;) {
      const auto begin = static_cast<std::int64_t>(ends >> 32), end = static_cast<std::int64_t>(ends & kLow);
      if (begin >= end) return -1;
      const std::uint64_t rest = first ? pack(begin + 1, end) : pack(begin, end - 1);
      if (ends_.compare_exchange_weak(ends, rest, std::memory_order_relaxed)) return first ? begin : end - 1;
    }
  }

 private:
  static constexpr std::uint64_t kLow = 0xFFFFFFFF;
  static std::uint64_t pack(std::int64_t begin, std::int64_t end) {
    return static_cast<std::uint64_t>(begin) << 32 | static_cast<std::uint64_t>(end);
  }
  std::atomic<std::uint64_t> ends_ = 0;
};

constexpr int kMaxMembers = 256;

/// Ranges for each member: enough that the last ones, which others may wait for, are short.
constexpr std::int64_t kRangesEach = 16;

/// The ranges of one call. Each member begins with its own, which lie together, from the front; then it takes
/// what others have not begun, from the back. The start of the team publishes them and its end the results:
/// taking needs no order.
struct Ranges {
  std::int64_t count, range;
  int members;
  detail::RangeFunction function;
  void* context;
  std::array<Remaining, kMaxMembers> remaining;

  void run(int member) {
    for (int i = 0; i < members; ++i) {
      Remaining& from = remaining[static_cast<std::size_t>((member + i) % members)];
      for (std::int64_t index = from.take(i == 0); index >= 0; index = from.take(i == 0))
        function(context, index * range, std::min((index + 1) * range, count), member);
    }
  }
};

/// Some phases of a pipeline. Each member has its own units of every phase, the same ones as far as phases
/// have the same number: what it read for one is still in its cache for the next. It takes others' units only
/// where it would wait otherwise.
class Phases {
 public:
  static constexpr std::int64_t kMax = 1024;

  Phases(const detail::Pipeline& pipeline, std::int64_t first, std::int64_t count, int members)
      : pipeline_(pipeline),
        first_(first),
        count_(count),
        distance_(overlap(pipeline) ? pipeline.distance : 1),
        members_(members) {
    for (std::int64_t phase = 0; phase < count; ++phase) {
      const std::int64_t units = units_of(phase);
      for (int i = 0; i < members; ++i) of(phase, i).set(units * i / members, units * (i + 1) / members);
    }
  }

  /// As many as there is room for.
  static std::int64_t most(int members) { return kMax / members; }
  static std::int64_t all(const detail::Pipeline& pipeline) {
    return (pipeline.items + (overlap(pipeline) ? pipeline.stages - 1 : 0)) * pipeline.stages;
  }

  void run(int member) {
    for (;;) {
      const int complete = complete_.load();
      const std::int64_t end = std::min(count_, complete + distance_);
      if (run_one(complete, end, member)) continue;
      if (end == count_) return;
      wait_for_others(complete_, complete);
    }
  }

 private:
  static bool overlap(const detail::Pipeline& pipeline) { return pipeline.distance > 0; }

  Remaining& of(std::int64_t phase, int member) {
    return remaining_[static_cast<std::size_t>(phase * members_ + member)];
  }

  bool run_one(std::int64_t begin, std::int64_t end, int member) {
    for (int i = 0; i < members_; ++i)
      for (std::int64_t phase = begin; phase < end; ++phase)
        if (const std::int64_t unit = of(phase, (member + i) % members_).take(i == 0); unit >= 0) {
          run_unit(phase, unit);
          return true;
        }
    return false;
  }

  std::int64_t stage(std::int64_t phase) const { return (first_ + phase) % pipeline_.stages; }
  std::int64_t item(std::int64_t phase) const {
    return (first_ + phase) / pipeline_.stages - (overlap(pipeline_) ? stage(phase) : 0);
  }
  /// In the first steps, the later stages have no item yet, and in the last steps the first ones have none
  /// left.
  bool has_item(std::int64_t phase) const { return item(phase) >= 0 && item(phase) < pipeline_.items; }

  std::int64_t units_of(std::int64_t phase) const {
    return has_item(phase) ? pipeline_.units(pipeline_.context, item(phase), stage(phase)) : 1;
  }
  void run_unit(std::int64_t phase, std::int64_t unit) {
    if (has_item(phase)) pipeline_.run(pipeline_.context, item(phase), stage(phase), unit);
    if (ended_[static_cast<std::size_t>(phase)].fetch_add(1) + 1 == units_of(phase)) count_complete();
  }

  /// Counts phases whose predecessors have ended, too. Who ends a phase early leaves it to the one who ends
  /// its predecessor: at least one of the two sees what the other one wrote, and one of them succeeds.
  void count_complete() {
    for (int phase = complete_.load();
         phase < count_ && ended_[static_cast<std::size_t>(phase)].load() == units_of(phase);
         phase = complete_.load())
      if (complete_.compare_exchange_strong(phase, phase + 1)) complete_.notify_all();
  }

  const detail::Pipeline& pipeline_;
  std::int64_t first_, count_, distance_;
  int members_;
  std::atomic<int> complete_ = 0;                        // phases that have ended, and all before them
  std::array<std::atomic<std::int64_t>, kMax> ended_{};  // units of each phase
  std::array<Remaining, kMax> remaining_;                // of each phase and member
};

}  // namespace

int processor_count() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  return std::max(1, CPU_COUNT(&set));
}

int thread_count() {
  const int said = threads;
  return said > 0 ? said : usual_thread_count().load();
}

void set_thread_count(int n) {
  usual_thread_count() = std::max(1, n);
  set_thread_count_of_run(0);
}

void set_thread_count_of_run(int n) { threads = n > 0 ? n : usual_thread_count().load(); }

void give_way_to_computing() {
  // A tenth of the time of computing, where both want to run; not starved beside other programs.
  constexpr int kNice = 10;
  // Of this thread alone, as Linux has it. Where it is refused, things are a little slower.
  setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), kNice);
}

void detail::run_ranges(std::int64_t count, std::int64_t grain, int members, RangeFunction function,
                        void* context) {
  if (count <= 0) return;
  members = std::clamp(members, 1, kMaxMembers);
  const std::int64_t range = std::max({std::int64_t{1}, grain, count / (kRangesEach * members)});
  const std::int64_t ranges = (count + range - 1) / range;
  members = static_cast<int>(std::min<std::int64_t>(members, ranges));
  if (members == 1) {
    function(context, 0, count, 0);
    return;
  }
  Ranges work{count, range, members, function, context, {}};
  for (int i = 0; i < members; ++i)
    work.remaining[static_cast<std::size_t>(i)].set(ranges * i / members, ranges * (i + 1) / members);
  run_team(
      members, [](void* ranges_of, int member) { static_cast<Ranges*>(ranges_of)->run(member); }, &work);
}

void detail::run_pipeline(const Pipeline& pipeline) {
  const std::int64_t phases = Phases::all(pipeline);
  const int members = std::min(thread_count(), kMaxMembers);
  const std::int64_t most = Phases::most(members);
  for (std::int64_t first = 0; first < phases; first += most) {
    Phases some(pipeline, first, std::min(phases - first, most), members);
    run_team(
        members, [](void* of, int member) { static_cast<Phases*>(of)->run(member); }, &some);
  }
}

}  // namespace alexnet
