// Products of vectors of bf16 numbers (AVX-512), which Highway 1.0.3 has no native ones of.
#pragma once

#include <cstdint>

namespace alexnet::cpu {

/// Whether this processor has them.
bool has_bf16_products();

/// Multiply-adds per second are bounded by this loop: `rounds` times twelve products of vectors in registers.
/// Returns the number of multiply-adds; writes their sum, so that they are made.
double multiply_bf16_in_registers(std::int64_t rounds, float* sink);

}  // namespace alexnet::cpu
