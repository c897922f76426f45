// The team of compute threads of a thread that the library did not start.
#pragma once

namespace alexnet {

/// OpenMP keeps the size of the team for each thread that has one: makes the calling thread's thread_count().
/// A network must run with the number it was compiled with, whichever thread it is.
void size_team_of_this_thread();

}  // namespace alexnet
