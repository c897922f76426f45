#include "engine/cpu/kernels/amx/bf16_products.h"

// GCC 12 warns of its own header's deliberately undefined vectors.
#pragma GCC diagnostic ignored "-Wuninitialized"
#include <immintrin.h>

namespace alexnet::cpu {

bool has_bf16_products() { return __builtin_cpu_supports("avx512bf16"); }

__attribute__((target("avx512f,avx512bf16"))) double multiply_bf16_in_registers(std::int64_t rounds,
                                                                                float* sink) {
  constexpr int kSums = 12;
  __m512 sums[kSums];
  for (__m512& sum : sums) sum = _mm512_setzero_ps();
  const auto one = reinterpret_cast<__m512bh>(_mm512_set1_epi32(0x3F803F80));
  for (std::int64_t round = 0; round < rounds; ++round) {
#pragma GCC unroll 12
    for (int s = 0; s < kSums; ++s) sums[s] = _mm512_dpbf16_ps(sums[s], one, one);
  }
  __m512 all = sums[0];
  for (int s = 1; s < kSums; ++s) all = _mm512_add_ps(all, sums[s]);
  *sink = _mm512_reduce_add_ps(all);
  return static_cast<double>(rounds) * kSums * 32;
}

}  // namespace alexnet::cpu
