// What oneDNN uses of this processor. DNNL_MAX_CPU_ISA in the environment makes it use less.
#pragma once

namespace alexnet::cpu {

bool has_avx512();

/// Whether the processor multiplies bf16 numbers, twice as many at a time as float32.
bool multiplies_bf16();

/// Whether oneDNN would use matrix tiles of bf16 numbers (AMX): the processor has them, and oneDNN was
/// not set to do without.
bool onednn_uses_tiles();

/// Whether a processor with these instructions would not execute oneDNN's kernels for AVX2: they are then
/// left out, and those for AVX are used.
bool lacks_fused_products(bool avx2, bool fma);

}  // namespace alexnet::cpu
