// The threads that compute: one team of the process, which every calling thread shares.
#pragma once

#include <atomic>

namespace alexnet {

/// Calls function(context, member) on the calling thread, as member 0, and at the same time on up to
/// members - 1 threads of the team, those that are free. Returns when all of them have returned.
///
/// A member comes late or not at all while its processor does something else. The function must therefore
/// take its work from what all members share, and return when nothing is left to take: then the caller waits
/// for what others have begun, and for nothing else. A call from within a function runs on the calling thread
/// alone. A thread has the same number in every call. Allocates nothing once the team has its threads. The
/// function must not throw.
void run_team(int members, void (*function)(void* context, int member), void* context);

/// Waits until `value` is not `old`, which someone says with notify_all(): looks for a short time, then
/// sleeps. A thread that only looks keeps a processor from the thread that it waits for.
void wait_while_equal(const std::atomic<int>& value, int old);

/// The same, for the work of other members of the team. Counts as a sign of other programs where it takes
/// longer than members compute one piece of work.
void wait_for_others(const std::atomic<int>& value, int old);

/// Whether other programs use the processors, as far as members of the team noticed in the last 0.2 s. Then
/// it is worth more that no member waits for another one than that all of them use little memory.
bool processors_are_shared();

}  // namespace alexnet
