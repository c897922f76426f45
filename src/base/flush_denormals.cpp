#include "base/flush_denormals.h"

#include "base/parallel.h"

#if defined(__SSE2__)
#include <immintrin.h>
#endif

namespace alexnet {
namespace {

// The bits of the processor's floating-point control register that say so.
#if defined(__SSE2__)
constexpr unsigned kFlush = 0x8000 | 0x0040;  // results to zero; denormals are zero
unsigned control() { return _mm_getcsr(); }
void set_control(unsigned bits) { _mm_setcsr(bits); }
#elif defined(__aarch64__)
constexpr unsigned kFlush = 1U << 24;  // both
unsigned control() {
  unsigned long bits = 0;
  asm volatile("mrs %0, fpcr" : "=r"(bits));
  return static_cast<unsigned>(bits);
}
void set_control(unsigned bits) { asm volatile("msr fpcr, %0" : : "r"(static_cast<unsigned long>(bits))); }
#else
constexpr unsigned kFlush = 0;  // no such setting here
unsigned control() { return 0; }
void set_control(unsigned) {}
#endif

void set_on_all_threads(unsigned bits) {
  const auto set = [bits](std::int64_t, std::int64_t) { set_control((control() & ~kFlush) | bits); };
  parallel_for(thread_count(), 1, set);
  // GCC's OpenMP leaves each thread its setting. LLVM's undoes at the end of a parallel region what was set
  // inside, and gives the setting of this thread to the others at the start of the next.
  set(0, 0);
}

}  // namespace

FlushDenormals::FlushDenormals() : before_(control() & kFlush) { set_on_all_threads(kFlush); }
FlushDenormals::~FlushDenormals() { set_on_all_threads(before_); }

}  // namespace alexnet
