#include "engine/cpu/plan/processor.h"

#include "engine/cpu/kernels/amx/tiles.h"
#include "engine/cpu/kernels/simd/winograd.h"
#include "engine/cpu/onednn/instruction_set.h"

namespace alexnet::cpu {

Processor this_processor() {
  Processor processor;
  processor.activation_block = activation_block();
  processor.vector_floats = winograd_lanes();
  processor.multiplies_bf16 = multiplies_bf16();
  processor.multiplies_tiles = onednn_uses_tiles() && tiles_permitted();
  processor.convolves_fast = convolves_fast;
  processor.prefers_plain_input = prefers_plain_input;
  return processor;
}

std::string instructions(const Processor& processor) {
  if (!processor.has_avx512()) return "AVX2 or less, no bf16 products";
  if (processor.multiplies_tiles) return "AVX-512, AMX tiles of bf16";
  return processor.multiplies_bf16 ? "AVX-512, bf16 products" : "AVX-512, no bf16 products";
}

}  // namespace alexnet::cpu
