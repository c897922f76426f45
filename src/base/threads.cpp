#include "alexnet/threads.h"

#include "alexnet/error.h"
#include "base/parallel.h"

namespace alexnet {

void set_threads(int n) {
  if (n < 1) throw UsageError("threads", "must be at least 1");
  set_thread_count(n);
}

}  // namespace alexnet
