// Dropout's draws for many elements at once: the Philox of base/random.h in vectors.
#include <hwy/highway.h>

#include <cstdint>

#include "base/random.h"

// One copy for each instruction set.
#if defined(ALEXNET_CPU_DROPOUT_SIMD_H) == defined(HWY_TARGET_TOGGLE)
#ifdef ALEXNET_CPU_DROPOUT_SIMD_H
#undef ALEXNET_CPU_DROPOUT_SIMD_H
#else
#define ALEXNET_CPU_DROPOUT_SIMD_H
#endif

HWY_BEFORE_NAMESPACE();
namespace alexnet::cpu {
namespace HWY_NAMESPACE {

/// The 64-bit products of the lanes' lower halves with a factor.
template <class D, class V = hwy::HWY_NAMESPACE::Vec<D>>
HWY_INLINE V multiply_low(D d, V words, std::uint32_t factor) {
  namespace hn = hwy::HWY_NAMESPACE;
#if HWY_TARGET == HWY_SCALAR
  return hn::Set(d, (hn::GetLane(words) & 0xffffffffULL) * factor);
#else
  const hn::Repartition<std::uint32_t, D> half;
  return hn::MulEven(hn::BitCast(half, words), hn::BitCast(half, hn::Set(d, factor)));
#endif
}

/// dropout_draw() of `pixels` pixels of a block of Block channels, the first channel of the first pixel being
/// `element` (a multiple of 8) and those of the next 16 further. `draws` has room for pixels * Block, rounded
/// up to 64 pixels.
template <int Block>
HWY_INLINE void dropout_draws(std::uint64_t seed, std::uint32_t step, std::uint32_t layer,
                              std::uint64_t element, int pixels, std::uint16_t* HWY_RESTRICT draws) {
  namespace hn = hwy::HWY_NAMESPACE;
  // A 64-bit lane for each 32-bit word of the counter; what gathers in the upper halves is never used.
  const hn::CappedTag<std::uint64_t, 8> d;
  constexpr std::uint64_t kGroups = 16 / Block;  // of 8 draws from one pixel to the next: 1 or 2 lie between
  const auto low = hn::Set(d, 0xffffffffULL);
  const int lanes = static_cast<int>(hn::Lanes(d));
  const int groups = pixels * Block / 8;
  const auto lane = hn::Mul(hn::Iota(d, 0), hn::Set(d, kGroups));
  for (int g = 0; g < groups; g += lanes) {
    // Counter: see base/random.h.
    const auto group = hn::Add(hn::Set(d, element / 8 + static_cast<std::uint64_t>(g) * kGroups), lane);
    auto c0 = hn::And(group, low);
    auto c1 = hn::Or(hn::Set(d, layer), hn::And(hn::ShiftLeft<16>(hn::ShiftRight<32>(group)), low));
    auto c2 = hn::Or(hn::ShiftRight<48>(group),
                     hn::Set(d, std::uint64_t{static_cast<std::uint32_t>(Purpose::kDropout)} << 24));
    auto c3 = hn::Set(d, step);
    auto k0 = static_cast<std::uint32_t>(seed), k1 = static_cast<std::uint32_t>(seed >> 32);
    for (int round = 0; round < 10; ++round) {
      const auto p0 = multiply_low(d, c0, 0xD2511F53U), p1 = multiply_low(d, c2, 0xCD9E8D57U);
      c0 = hn::Xor(hn::Xor(hn::ShiftRight<32>(p1), c1), hn::Set(d, k0));
      c2 = hn::Xor(hn::Xor(hn::ShiftRight<32>(p0), c3), hn::Set(d, k1));
      c1 = p1;
      c3 = p0;
      k0 += 0x9E3779B9U;
      k1 += 0xBB67AE85U;
    }
    hn::StoreInterleaved2(hn::Or(hn::And(c0, low), hn::ShiftLeft<32>(c1)),
                          hn::Or(hn::And(c2, low), hn::ShiftLeft<32>(c3)), d,
                          reinterpret_cast<std::uint64_t*>(draws + g * 8));
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace alexnet::cpu
HWY_AFTER_NAMESPACE();
#endif
