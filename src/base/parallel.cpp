#include "base/parallel.h"

#include <omp.h>
#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>

namespace alexnet {
namespace {
int threads = 0;
}

int processor_count() {
  cpu_set_t set;
  CPU_ZERO(&set);
  if (sched_getaffinity(0, sizeof set, &set) != 0) return 1;
  return std::max(1, CPU_COUNT(&set));
}

// OpenMP's own number is that of the processors, or what OMP_NUM_THREADS says.
int thread_count() { return threads > 0 ? threads : omp_get_max_threads(); }

void set_thread_count(int n) {
  threads = std::max(1, n);
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

}  // namespace alexnet
