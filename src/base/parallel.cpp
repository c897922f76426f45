#include "base/parallel.h"

#include <omp.h>
#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdlib>

#include "base/processor_quota.h"

namespace alexnet {
namespace {

int threads = 0;  // in use; 0: nothing was said yet

/// How many there are where nobody says otherwise: OpenMP's own number, that of the processors or what
/// OMP_NUM_THREADS says. The quota limits the former alone: a person's word holds.
int first_thread_count() {
  const int threads_of_openmp = omp_get_max_threads();
  if (std::getenv("OMP_NUM_THREADS") != nullptr) return threads_of_openmp;
  const int count = std::min(threads_of_openmp, processor_quota().value_or(threads_of_openmp));
  omp_set_num_threads(count);  // for oneDNN, which asks OpenMP
  return count;
}

/// How many there are where a run does not say otherwise. Asked for before OpenMP's number is set.
int& usual_thread_count() {
  static int count = first_thread_count();
  return count;
}

/// Items that are left of one thread's share: [begin, end) in one word, so that both ends can be taken from.
class alignas(64) Share {
 public:
  void set(std::int64_t begin, std::int64_t end) { ends_.store(pack(begin, end), std::memory_order_relaxed); }

  /// Calls body(begin, end) with up to `part` items, the first or the last ones; false: none are left.
  template <class Body>
  bool take(std::int64_t part, bool first, const Body& body) {
    std::uint64_t ends = ends_.load(std::memory_order_relaxed);
    for (;;) {
      const auto begin = static_cast<std::int64_t>(ends >> 32), end = static_cast<std::int64_t>(ends & kLow);
      if (begin >= end) return false;
      const std::int64_t cut = first ? std::min(begin + part, end) : std::max(begin, end - part);
      const std::uint64_t rest = first ? pack(cut, end) : pack(begin, cut);
      if (!ends_.compare_exchange_weak(ends, rest, std::memory_order_relaxed)) continue;
      first ? body(begin, cut) : body(cut, end);
      return true;
    }
  }

 private:
  static constexpr std::uint64_t kLow = 0xFFFFFFFF;
  static std::uint64_t pack(std::int64_t begin, std::int64_t end) {
    return static_cast<std::uint64_t>(begin) << 32 | static_cast<std::uint64_t>(end);
  }
  std::atomic<std::uint64_t> ends_ = 0;
};

constexpr int kMaxShares = 256;

}  // namespace

int processor_count() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  return std::max(1, CPU_COUNT(&set));
}

int thread_count() { return threads > 0 ? threads : usual_thread_count(); }

void set_thread_count(int n) {
  usual_thread_count() = std::max(1, n);
  set_thread_count_of_run(0);
}

void set_thread_count_of_run(int n) {
  const int usual = usual_thread_count();
  threads = n > 0 ? n : usual;
  omp_set_num_threads(threads);
}

void give_way_to_computing() {
  // A tenth of computing's share, where both want to run; not starved beside other programs.
  constexpr int kNice = 10;
  // Of this thread alone, as Linux has it. Where it is refused, things are a little slower.
  setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), kNice);
}

void detail::run_ranges(std::int64_t count, std::int64_t grain, RangeFunction function, void* context) {
  if (count <= 0) return;
  const int team = static_cast<int>(std::min<std::int64_t>(
      thread_count(), (count + std::max<std::int64_t>(grain, 1) - 1) / std::max<std::int64_t>(grain, 1)));
  if (team <= 1) {
    function(context, 0, count);
    return;
  }
#pragma omp parallel num_threads(team)
  {
    const std::int64_t me = omp_get_thread_num(), n = omp_get_num_threads();
    const std::int64_t begin = count * me / n, end = count * (me + 1) / n;
    if (begin < end) function(context, begin, end);
  }
}

void detail::run_parts(std::int64_t count, std::int64_t part, RangeFunction function, void* context) {
  const int team = static_cast<int>(std::min<std::int64_t>({thread_count(), count, kMaxShares}));
  if (team < 1) return;
  // Small enough that every thread of the team has something to do.
  part = std::clamp<std::int64_t>(count / (4 * team), 1, std::max<std::int64_t>(part, 1));
  if (team == 1) {
    for (std::int64_t begin = 0; begin < count; begin += part)
      function(context, begin, std::min(begin + part, count));
    return;
  }
  // The start of the team publishes the shares, its end the results: each take may be relaxed.
  std::array<Share, kMaxShares> shares;
  for (int i = 0; i < team; ++i)
    shares[static_cast<std::size_t>(i)].set(count * i / team, count * (i + 1) / team);
#pragma omp parallel num_threads(team)
  {
    const int me = omp_get_thread_num();
    // First one's own, from the front, then what others have not begun, from the back.
    for (int i = 0; i < team; ++i) {
      Share& share = shares[static_cast<std::size_t>((me + i) % team)];
      while (share.take(part, i == 0,
                        [&](std::int64_t begin, std::int64_t end) { function(context, begin, end); })) {
      }
    }
  }
}

}  // namespace alexnet
