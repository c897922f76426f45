#include "base/thread_team.h"

#include <omp.h>

#include "base/parallel.h"

namespace alexnet {

void size_team_of_this_thread() {
  const int wanted = thread_count();
  if (omp_get_max_threads() != wanted) omp_set_num_threads(wanted);
}

}  // namespace alexnet
