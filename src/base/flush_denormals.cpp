#include "base/flush_denormals.h"

#include "base/parallel.h"

#if defined(__SSE2__)
#include <immintrin.h>
#endif

namespace alexnet {

#if defined(__SSE2__)

namespace {

constexpr unsigned kFlushToZero = 0x8000, kDenormalsAreZero = 0x0040,
                   kBoth = kFlushToZero | kDenormalsAreZero;

void set_on_all_threads(unsigned bits) {
  parallel_for(thread_count(), 1,
               [bits](std::int64_t, std::int64_t) { _mm_setcsr((_mm_getcsr() & ~kBoth) | bits); });
}

}  // namespace

FlushDenormals::FlushDenormals() : before_(_mm_getcsr() & kBoth) { set_on_all_threads(kBoth); }
FlushDenormals::~FlushDenormals() { set_on_all_threads(before_); }

#else

FlushDenormals::FlushDenormals() = default;
FlushDenormals::~FlushDenormals() = default;

#endif

}  // namespace alexnet
