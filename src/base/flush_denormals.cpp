#include "base/flush_denormals.h"

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

}  // namespace

unsigned denormal_mode() { return control() & kFlush; }
void set_denormal_mode(unsigned mode) { set_control((control() & ~kFlush) | mode); }

FlushDenormals::FlushDenormals() : before_(denormal_mode()) { set_denormal_mode(kFlush); }
FlushDenormals::~FlushDenormals() { set_denormal_mode(before_); }

}  // namespace alexnet
