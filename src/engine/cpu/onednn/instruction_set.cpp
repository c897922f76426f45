#include "engine/cpu/onednn/instruction_set.h"

#include <dnnl.hpp>

namespace alexnet::cpu {
namespace {

#if defined(__x86_64__) || defined(__i386__)
/// oneDNN's kernels for AVX2 use fused multiply-adds wherever a processor has AVX2, and a few (and some
/// virtual machines) have the one without the other. It takes a limit only before it is used for the first
/// time.
bool limit_to_processor() {
  __builtin_cpu_init();
  if (lacks_fused_products(__builtin_cpu_supports("avx2") != 0, __builtin_cpu_supports("fma") != 0))
    dnnl::set_max_cpu_isa(dnnl::cpu_isa::avx);
  return true;
}
#endif

/// A set of Intel's and AMD's processors. On others, oneDNN numbers their own sets by the same bits.
bool has([[maybe_unused]] dnnl::cpu_isa wanted) {
#if defined(__x86_64__) || defined(__i386__)
  [[maybe_unused]] static const bool limited = limit_to_processor();
  return (static_cast<unsigned>(dnnl::get_effective_cpu_isa()) & static_cast<unsigned>(wanted)) ==
         static_cast<unsigned>(wanted);
#else
  return false;
#endif
}

}  // namespace

bool lacks_fused_products(bool avx2, bool fma) { return avx2 && !fma; }
bool has_avx512() { return has(dnnl::cpu_isa::avx512_core); }
bool multiplies_bf16() { return has(dnnl::cpu_isa::avx512_core_bf16); }
bool onednn_uses_tiles() { return has(dnnl::cpu_isa::avx512_core_amx); }

}  // namespace alexnet::cpu
