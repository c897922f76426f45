// oneDNN on the calling thread alone.
#pragma once

#include <omp.h>

namespace alexnet::cpu {

/// While it lives, oneDNN plans and computes on the calling thread alone. The engine divides the work
/// itself (base/parallel.h): two teams of threads, the engine's and OpenMP's, would compete for the
/// processors.
class OneThread {
 public:
  OneThread() : before_(omp_get_max_threads()) {
    if (before_ != 1) omp_set_num_threads(1);
  }
  ~OneThread() {
    if (before_ != 1) omp_set_num_threads(before_);
  }
  OneThread(const OneThread&) = delete;
  OneThread& operator=(const OneThread&) = delete;

 private:
  int before_;
};

}  // namespace alexnet::cpu
