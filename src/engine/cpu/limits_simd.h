// Loops that only multiply and add, compiled once for each instruction set (no include guard: see
// limits.cpp).
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace alexnet::cpu {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

// So many independent sums hide the latency of one, 4 cycles, in each of which 2 begin, and 4 on ARM's widest
// cores.
constexpr int kSums = HWY_ARCH_ARM_A64 ? 16 : 12;

/// Returns the multiply-adds made, `rounds` times kSums vectors.
double multiply_add_any(std::int64_t rounds, float* sink) {
  const hn::ScalableTag<float> d;
  using V = hn::Vec<decltype(d)>;
  V sums[kSums];
  for (int s = 0; s < kSums; ++s) sums[s] = hn::Set(d, 1.0F + static_cast<float>(s));
  const V factor = hn::Set(d, 0.999F), addend = hn::Set(d, 0.001F);
  for (std::int64_t round = 0; round < rounds; ++round) {
#pragma GCC unroll 16
    for (int s = 0; s < kSums; ++s) sums[s] = hn::MulAdd(sums[s], factor, addend);
  }
  V all = sums[0];
  for (int s = 1; s < kSums; ++s) all = hn::Add(all, sums[s]);
  *sink = hn::GetLane(hn::SumOfLanes(d, all));
  return static_cast<double>(rounds) * kSums * static_cast<double>(hn::Lanes(d));
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace alexnet::cpu
HWY_AFTER_NAMESPACE();
