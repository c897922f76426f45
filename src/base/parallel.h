// The one team of compute threads: OpenMP's, which oneDNN uses too, so that nothing is oversubscribed.
#pragma once

#include <cstdint>
#include <functional>
#include <type_traits>

namespace alexnet {

/// Number of compute threads in use; at first OMP_NUM_THREADS, or all processors this process may run on, as
/// far as a container's quota of their time goes (processor_quota.h).
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
using RangeFunction = void (*)(void* context, std::int64_t begin, std::int64_t end);
void run_ranges(std::int64_t count, std::int64_t grain, RangeFunction function, void* context);
void run_parts(std::int64_t count, std::int64_t part, RangeFunction function, void* context);
/// A body as a function and what to call it with.
template <class Body>
constexpr RangeFunction range_function() {
  return
      [](void* context, std::int64_t begin, std::int64_t end) { (*static_cast<Body*>(context))(begin, end); };
}
template <class Body>
void* context_of(Body& body) {
  return const_cast<void*>(static_cast<const void*>(&body));
}
}  // namespace detail

/// Calls body(begin, end) on disjoint ranges that cover [0, count), one range per thread, the split a
/// function of (count, thread count) alone. Runs on the calling thread when count <= grain. Allocates
/// nothing. The body must not throw.
template <class Body>
void parallel_for(std::int64_t count, std::int64_t grain, Body&& body) {
  detail::run_ranges(count, grain, detail::range_function<std::remove_reference_t<Body>>(),
                     detail::context_of(body));
}

/// Calls body(begin, end) on disjoint ranges of at most `part` items that cover [0, count), count < 2^32:
/// several times on a thread, in any order. A thread that is done with its fraction takes of those of others.
/// For long work of which no result depends on who does it: processors are not equally fast, some are small,
/// some are shared with other programs. Allocates nothing. The body must not throw.
template <class Body>
void parallel_parts(std::int64_t count, std::int64_t part, Body&& body) {
  detail::run_parts(count, part, detail::range_function<std::remove_reference_t<Body>>(),
                    detail::context_of(body));
}

}  // namespace alexnet
