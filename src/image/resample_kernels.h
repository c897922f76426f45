// The inner loops of resample(), compiled once for every instruction set (Highway includes this file again
// and again, hence no ordinary include guard); the best one is chosen when the program runs.
#if defined(ALEXNET_RESAMPLE_KERNELS) == defined(HWY_TARGET_TOGGLE)
#ifdef ALEXNET_RESAMPLE_KERNELS
#undef ALEXNET_RESAMPLE_KERNELS
#else
#define ALEXNET_RESAMPLE_KERNELS
#endif

#include <hwy/highway.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "image/resample_taps.h"

HWY_BEFORE_NAMESPACE();
namespace alexnet {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

inline std::uint8_t round_to_byte(std::int32_t sum) {
  return static_cast<std::uint8_t>(std::clamp(sum >> kWeightBits, 0, 255));
}

/// One row across, 1 channel.
inline void scale_gray_row(const std::uint8_t* from, const TapsView& taps, std::uint8_t* to) {
  for (int x = 0; x < taps.count; ++x) {
    const std::uint8_t* source = from + taps.first[x];
    const std::int32_t* weight = taps.weights + std::ptrdiff_t{x} * taps.stride;
    std::int32_t sum = kHalf;
    for (int j = 0; j < taps.length[x]; ++j) sum += source[j] * weight[j];
    to[x] = round_to_byte(sum);
  }
}

/// One row across, 3 channels. Reads and writes one byte beyond each pixel: `from` and `to` need one more
/// byte at the end than they have pixels for.
inline void scale_rgb_row(const std::uint8_t* HWY_RESTRICT from, const TapsView& taps,
                          std::uint8_t* HWY_RESTRICT to) {
  for (int x = 0; x < taps.count; ++x) {
    const std::uint8_t* source = from + std::ptrdiff_t{3} * taps.first[x];
    const std::int32_t* weight = taps.weights + std::ptrdiff_t{x} * taps.stride;
    std::uint8_t* pixel = to + std::ptrdiff_t{3} * x;
#if HWY_TARGET == HWY_SCALAR
    std::int32_t red = kHalf, green = kHalf, blue = kHalf;
    for (int j = 0; j < taps.length[x]; ++j, source += 3) {
      red += source[0] * weight[j];
      green += source[1] * weight[j];
      blue += source[2] * weight[j];
    }
    pixel[0] = round_to_byte(red);
    pixel[1] = round_to_byte(green);
    pixel[2] = round_to_byte(blue);
#else
    const hn::FixedTag<std::int32_t, 4> wide;
    const hn::FixedTag<std::uint8_t, 4> narrow;
    auto sum = hn::Set(wide, kHalf);
    for (int j = 0; j < taps.length[x]; ++j, source += 3)
      sum = hn::Add(sum, hn::Mul(hn::PromoteTo(wide, hn::LoadU(narrow, source)), hn::Set(wide, weight[j])));
    hn::StoreU(hn::DemoteTo(narrow, hn::ShiftRight<kWeightBits>(sum)), narrow, pixel);
#endif
  }
}

/// `count` bytes down: the weighted sum of `length` rows.
inline void blend_rows(const std::uint8_t* const* rows, const std::int32_t* weights, int length,
                       std::size_t count, std::uint8_t* HWY_RESTRICT to) {
  const hn::ScalableTag<std::int32_t> wide;
  const hn::Rebind<std::uint8_t, decltype(wide)> narrow;
  const std::size_t lanes = hn::Lanes(wide);
  std::size_t i = 0;
  for (; i + lanes <= count; i += lanes) {
    auto sum = hn::Set(wide, kHalf);
    for (int j = 0; j < length; ++j)
      sum = hn::Add(sum,
                    hn::Mul(hn::PromoteTo(wide, hn::LoadU(narrow, rows[j] + i)), hn::Set(wide, weights[j])));
    hn::StoreU(hn::DemoteTo(narrow, hn::ShiftRight<kWeightBits>(sum)), narrow, to + i);
  }
  for (; i < count; ++i) {
    std::int32_t sum = kHalf;
    for (int j = 0; j < length; ++j) sum += rows[j][i] * weights[j];
    to[i] = round_to_byte(sum);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace alexnet
HWY_AFTER_NAMESPACE();

#endif
