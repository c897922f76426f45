#include "engine/cpu/onednn/instruction_set.h"

#include <dnnl.hpp>

namespace alexnet::cpu {
namespace {

bool has(dnnl::cpu_isa wanted) {
  return (static_cast<unsigned>(dnnl::get_effective_cpu_isa()) & static_cast<unsigned>(wanted)) ==
         static_cast<unsigned>(wanted);
}

}  // namespace

int activation_block() { return has(dnnl::cpu_isa::avx512_core) ? 16 : 8; }
bool multiplies_bf16() { return has(dnnl::cpu_isa::avx512_core_bf16); }
bool onednn_uses_tiles() { return has(dnnl::cpu_isa::avx512_core_amx); }

}  // namespace alexnet::cpu
