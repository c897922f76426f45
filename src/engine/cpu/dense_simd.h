// The kernels of dense_kernels.h, compiled once for each instruction set (no include guard: see
// dense_kernels.cpp).
#include <hwy/highway.h>

#include "engine/cpu/dense_kernels.h"

HWY_BEFORE_NAMESPACE();
namespace alexnet::cpu {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

/// Rows dot products with one unit's weights, read once. Four sums each hide the latency of an addition.
template <std::size_t Rows>
void multiply_rows(const float* HWY_RESTRICT x, std::size_t x_row, const float* HWY_RESTRICT weights,
                   std::size_t in, float* HWY_RESTRICT y, std::size_t y_row, std::size_t begin,
                   std::size_t end) {
  const hn::ScalableTag<float> d;
  using V = hn::Vec<decltype(d)>;
  const std::size_t lanes = hn::Lanes(d);
  constexpr std::size_t kSums = Rows == 1 ? 4 : 2;
  for (std::size_t unit = begin; unit < end; ++unit) {
    const float* w = weights + unit * in;
    V sums[Rows][kSums];
    for (auto& row : sums)
      for (V& sum : row) sum = hn::Zero(d);
    std::size_t i = 0;
    for (; i + kSums * lanes <= in; i += kSums * lanes) {
#pragma GCC unroll 4
      for (std::size_t s = 0; s < kSums; ++s) {
        const V weight = hn::LoadU(d, w + i + s * lanes);
#pragma GCC unroll 4
        for (std::size_t r = 0; r < Rows; ++r)
          sums[r][s] = hn::MulAdd(weight, hn::LoadU(d, x + r * x_row + i + s * lanes), sums[r][s]);
      }
    }
    for (std::size_t r = 0; r < Rows; ++r) {
      V sum = hn::Add(sums[r][0], sums[r][1]);
      for (std::size_t s = 2; s < kSums; ++s) sum = hn::Add(sum, sums[r][s]);
      float total = hn::GetLane(hn::SumOfLanes(d, sum));
      for (std::size_t rest = i; rest < in; ++rest) total += w[rest] * x[r * x_row + rest];
      y[r * y_row + unit] = total;
    }
  }
}

void multiply_few_any(const float* x, std::size_t x_row, std::size_t rows, const float* weights,
                      std::size_t in, float* y, std::size_t y_row, std::size_t begin, std::size_t end) {
  static_assert(kFewRows == 4);
  constexpr decltype(&multiply_rows<1>) kByRows[] = {multiply_rows<1>, multiply_rows<2>, multiply_rows<3>,
                                                     multiply_rows<4>};
  kByRows[rows - 1](x, x_row, weights, in, y, y_row, begin, end);
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace alexnet::cpu
HWY_AFTER_NAMESPACE();
