#include "engine/cpu/plan/processor.h"

#include <hwy/targets.h>

#include "engine/cpu/kernels/amx/tiles.h"
#include "engine/cpu/kernels/simd/winograd.h"
#include "engine/cpu/onednn/instruction_set.h"

namespace alexnet::cpu {
namespace {

std::string vectors() {
  if (has_avx512()) return "AVX-512";
  if constexpr (HWY_ARCH_X86) return "AVX2 or less";
  // Highway's name of the best that kernels were compiled for, without its variant: "NEON" of
  // "NEON_WITHOUT_AES".
  const auto usable = hwy::SupportedTargets() & HWY_TARGETS;
  const std::string name = hwy::TargetName(usable & -usable);
  return name.substr(0, name.find('_'));
}

}  // namespace

Processor this_processor() {
  Processor processor;
  processor.activation_block = activation_block();
  processor.vector_floats = winograd_lanes();
  processor.vectors = vectors();
  processor.has_avx512 = has_avx512();
  processor.multiplies_bf16 = multiplies_bf16();
  processor.multiplies_tiles = onednn_uses_tiles() && tiles_permitted();
  processor.convolves_fast = convolves_fast;
  processor.prefers_plain_input = prefers_plain_input;
  return processor;
}

std::string instructions(const Processor& processor) {
  if (processor.multiplies_tiles) return processor.vectors + ", AMX tiles of bf16";
  return processor.vectors + (processor.multiplies_bf16 ? ", bf16 products" : ", no bf16 products");
}

}  // namespace alexnet::cpu
