#include "engine/cpu/onednn/instruction_set.h"

#include <dnnl.hpp>

namespace alexnet::cpu {
namespace {

/// A set of Intel's and AMD's processors. On others, oneDNN numbers their own sets by the same bits.
bool has([[maybe_unused]] dnnl::cpu_isa wanted) {
#if defined(__x86_64__) || defined(__i386__)
  return (static_cast<unsigned>(dnnl::get_effective_cpu_isa()) & static_cast<unsigned>(wanted)) ==
         static_cast<unsigned>(wanted);
#else
  return false;
#endif
}

}  // namespace

bool has_avx512() { return has(dnnl::cpu_isa::avx512_core); }
bool multiplies_bf16() { return has(dnnl::cpu_isa::avx512_core_bf16); }
bool onednn_uses_tiles() { return has(dnnl::cpu_isa::avx512_core_amx); }

}  // namespace alexnet::cpu
