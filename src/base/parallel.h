// How work is divided among the threads that compute (compute_team.h).
//
// Processors are not equally fast: some are small, and the kernel takes some away for other programs. No
// thread should wait for one that does not run. Therefore work is cut into more ranges than there are
// threads, a thread takes the next range when it is done with one, and no result may depend on which thread
// computes a range.
#pragma once

#include <cstdint>
#include <functional>
#include <type_traits>

namespace alexnet {

/// Number of compute threads in use; at first OMP_NUM_THREADS, or all processors this process may run on, as
/// far as a container's quota of their time goes (processor_quota.h). The same for all threads of the
/// process.
int thread_count();
/// n >= 1. Call before any network is compiled.
void set_thread_count(int n);
/// The same for one run of several in a process. 0: as many as set_thread_count() said last, or as there were
/// at first, whatever other runs wanted.
void set_thread_count_of_run(int n);
/// Processors this process may run on (affinity mask).
int processor_count();

/// From now on the calling thread runs in what compute threads leave of the processors. They go in step: one
/// that shares its processor holds up all.
void give_way_to_computing();

namespace detail {
using RangeFunction = void (*)(void* context, std::int64_t begin, std::int64_t end, int member);
void run_ranges(std::int64_t count, std::int64_t grain, int members, RangeFunction function, void* context);

struct Pipeline {
  std::int64_t items, stages, distance;
  std::int64_t (*units)(void* context, std::int64_t item, std::int64_t stage);
  void (*run)(void* context, std::int64_t item, std::int64_t stage, std::int64_t unit);
  void* context;
};
void run_pipeline(const Pipeline& pipeline);
}  // namespace detail

/// Calls body(begin, end) or body(begin, end, member) on disjoint ranges that cover [0, count), count < 2^31,
/// on at most `members` threads. Each range has at least `grain` items, the last one maybe fewer; the ranges
/// are a function of (count, grain, members) alone. Calls with the same `member`, 0 <= member < members,
/// never overlap: a number for work space. Within a body all runs on the calling thread. Allocates nothing.
/// The body must not throw.
template <class Body>
void parallel_for(std::int64_t count, std::int64_t grain, int members, Body&& body) {
  using Function = std::remove_reference_t<Body>;
  detail::run_ranges(
      count, grain, members,
      [](void* context, std::int64_t begin, std::int64_t end, int member) {
        if constexpr (std::is_invocable_v<Function&, std::int64_t, std::int64_t, int>)
          (*static_cast<Function*>(context))(begin, end, member);
        else
          (*static_cast<Function*>(context))(begin, end);
      },
      const_cast<void*>(static_cast<const void*>(&body)));
}

/// The same on all compute threads.
template <class Body>
void parallel_for(std::int64_t count, std::int64_t grain, Body&& body) {
  parallel_for(count, grain, thread_count(), body);
}

/// Items that each go through stages, one item a step behind the other: calls run(item, stage, unit) for each
/// unit of [0, units(item, stage)), with units() >= 1.
///
///   step 0: stage 0 of item 0
///   step 1: stage 0 of item 1, stage 1 of item 0
///   step 2: stage 0 of item 2, stage 1 of item 1, stage 2 of item 0, and so on
///
/// Each of these is a phase. A unit begins after all units of the phases that are `distance` >= 1 or more
/// before its own have ended. The larger the distance, the longer a thread finds work while another one does
/// not run. A stage of an item is stages + 1 phases behind the stage before, and `stages` phases behind the
/// same stage of the item before.
///
/// With distance 0, nothing overlaps: each stage of an item begins when all before has ended, and the next
/// item after the last stage. This needs the work space of one item, which then stays in the caches.
///
/// Allocates nothing. The bodies must not throw.
template <class Units, class Run>
void parallel_pipeline(std::int64_t items, std::int64_t stages, std::int64_t distance, Units&& units,
                       Run&& run) {
  using UnitsFunction = std::remove_reference_t<Units>;
  using RunFunction = std::remove_reference_t<Run>;
  struct Functions {
    UnitsFunction* units;
    RunFunction* run;
  } functions{&units, &run};
  detail::run_pipeline({items, stages, distance,
                        [](void* context, std::int64_t item, std::int64_t stage) -> std::int64_t {
                          return (*static_cast<Functions*>(context)->units)(item, stage);
                        },
                        [](void* context, std::int64_t item, std::int64_t stage, std::int64_t unit) {
                          (*static_cast<Functions*>(context)->run)(item, stage, unit);
                        },
                        &functions});
}

}  // namespace alexnet
