#include "engine/cpu/flush_denormals.h"

#include "base/parallel.h"

#if defined(__SSE2__)
#include <immintrin.h>
#endif

namespace alexnet::cpu {

#if defined(__SSE2__)

namespace {
constexpr unsigned kFlushToZero = 0x8000, kDenormalsAreZero = 0x0040;
}

FlushDenormals::FlushDenormals() : before_(_mm_getcsr()) {
  parallel_for(thread_count(), 1, [](std::int64_t, std::int64_t) {
    _mm_setcsr(_mm_getcsr() | kFlushToZero | kDenormalsAreZero);
  });
}

FlushDenormals::~FlushDenormals() { _mm_setcsr(before_); }

#else

FlushDenormals::FlushDenormals() = default;
FlushDenormals::~FlushDenormals() = default;

#endif

}  // namespace alexnet::cpu
