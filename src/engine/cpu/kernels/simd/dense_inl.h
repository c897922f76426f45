// The kernels of dense.h, compiled once for each instruction set (no include guard: see
// dense.cpp).
#include <hwy/cache_control.h>
#include <hwy/highway.h>

#include <cstddef>

#include "engine/cpu/kernels/simd/dense.h"
#include "engine/cpu/kernels/simd/product_inl.h"

HWY_BEFORE_NAMESPACE();
namespace alexnet::cpu {
namespace HWY_NAMESPACE {
namespace {

template <class Tag>
hn::Vec<Tag> load_weights(Tag d, const float* from) {
  return hn::LoadU(d, from);
}
template <class Tag>
hn::Vec<Tag> load_weights(Tag d, const hwy::bfloat16_t* from) {
  return hn::PromoteTo(d, hn::LoadU(hn::Rebind<hwy::bfloat16_t, Tag>(), from));
}

inline float to_float(float weight) { return weight; }
inline float to_float(hwy::bfloat16_t weight) { return hwy::F32FromBF16(weight); }

// How far ahead weights are asked for: the processor's own prefetching ends with each page.
constexpr std::size_t kBytesAhead = 1024;

template <std::size_t Bytes, class Weight>
void ask_for(const Weight* from) {
  for (std::size_t line = 0; line < Bytes; line += 64)
    hwy::Prefetch(reinterpret_cast<const std::byte*>(from) + kBytesAhead + line);
}

/// Rows dot products with each of Units units' weights, read once: several units at a time are several
/// streams from memory. Each is kept in two sums, to hide the latency of an addition.
template <std::size_t Rows, std::size_t Units, class Weight>
void multiply_units(const float* HWY_RESTRICT x, std::size_t x_row, const Weight* HWY_RESTRICT weights,
                    std::size_t in, float* HWY_RESTRICT y, std::size_t y_row) {
  const hn::ScalableTag<float> d;
  using Sum = hn::Vec<decltype(d)>;
  const std::size_t lanes = hn::Lanes(d);
  constexpr std::size_t kSums = 2;
  Sum sums[Units][Rows][kSums];
  for (auto& unit : sums)
    for (auto& row : unit)
      for (Sum& sum : row) sum = hn::Zero(d);
  std::size_t i = 0;
  for (; i + kSums * lanes <= in; i += kSums * lanes) {
#pragma GCC unroll 4
    for (std::size_t u = 0; u < Units; ++u) {
      ask_for<kSums * hn::MaxLanes(d) * sizeof(Weight)>(weights + u * in + i);
#pragma GCC unroll 4
      for (std::size_t s = 0; s < kSums; ++s) {
        const Sum weight = load_weights(d, weights + u * in + i + s * lanes);
#pragma GCC unroll 4
        for (std::size_t r = 0; r < Rows; ++r)
          sums[u][r][s] = hn::MulAdd(weight, hn::LoadU(d, x + r * x_row + i + s * lanes), sums[u][r][s]);
      }
    }
  }
  for (std::size_t u = 0; u < Units; ++u)
    for (std::size_t r = 0; r < Rows; ++r) {
      float total = hn::GetLane(hn::SumOfLanes(d, hn::Add(sums[u][r][0], sums[u][r][1])));
      for (std::size_t rest = i; rest < in; ++rest)
        total += to_float(weights[u * in + rest]) * x[r * x_row + rest];
      y[r * y_row + u] = total;
    }
}

/// The same in whole numbers: products of 16 bits, added up in pairs in 32.
template <std::size_t Rows, std::size_t Units>
void multiply_whole_units(const std::int16_t* HWY_RESTRICT x, std::size_t x_row,
                          const std::int8_t* HWY_RESTRICT weights, std::size_t in, float* HWY_RESTRICT y,
                          std::size_t y_row) {
  const hn::ScalableTag<std::int16_t> d;
  const hn::Rebind<std::int8_t, decltype(d)> bytes;
  const hn::RepartitionToWide<decltype(d)> wide;
  using Wide = hn::Vec<decltype(wide)>;
  const std::size_t lanes = hn::Lanes(d);
  constexpr std::size_t kSums = 2;
  Wide sums[Units][Rows][kSums],
      more[Units][Rows][kSums];  // what a product of pairs leaves over goes to `more`
  for (std::size_t u = 0; u < Units; ++u)
    for (std::size_t r = 0; r < Rows; ++r)
      for (std::size_t s = 0; s < kSums; ++s) sums[u][r][s] = more[u][r][s] = hn::Zero(wide);
  std::size_t i = 0;
  for (; i + kSums * lanes <= in; i += kSums * lanes) {
#pragma GCC unroll 4
    for (std::size_t u = 0; u < Units; ++u) {
      ask_for<kSums * hn::MaxLanes(d)>(weights + u * in + i);
#pragma GCC unroll 4
      for (std::size_t s = 0; s < kSums; ++s) {
        const auto weight = hn::PromoteTo(d, hn::LoadU(bytes, weights + u * in + i + s * lanes));
#pragma GCC unroll 4
        for (std::size_t r = 0; r < Rows; ++r)
          sums[u][r][s] = hn::ReorderWidenMulAccumulate(
              wide, weight, hn::LoadU(d, x + r * x_row + i + s * lanes), sums[u][r][s], more[u][r][s]);
      }
    }
  }
  // A whole row's sum may pass 32 bits: the last additions are in floating point.
  const hn::ScalableTag<float> d_float;
  for (std::size_t u = 0; u < Units; ++u)
    for (std::size_t r = 0; r < Rows; ++r) {
      auto sum = hn::Zero(d_float);
      for (std::size_t s = 0; s < kSums; ++s) {
        sum = hn::Add(sum, hn::ConvertTo(d_float, sums[u][r][s]));
        sum = hn::Add(sum, hn::ConvertTo(d_float, more[u][r][s]));
      }
      float total = hn::GetLane(hn::SumOfLanes(d_float, sum));
      for (std::size_t rest = i; rest < in; ++rest)
        total += static_cast<float>(weights[u * in + rest] * x[r * x_row + rest]);
      y[r * y_row + u] = total;
    }
}

/// Calls run.template operator()<Units>(unit) for units [begin, end), several at a time where one row leaves
/// registers for them.
template <std::size_t Rows, class Run>
void each_units(std::size_t begin, std::size_t end, const Run& run) {
  constexpr std::size_t kAtOnce = Rows == 1 ? 4 : 1;
  for (; begin + kAtOnce <= end; begin += kAtOnce) run.template operator()<kAtOnce>(begin);
  for (; begin < end; ++begin) run.template operator()<1>(begin);
}

/// Calls run.template operator()<Rows>().
template <class Run>
void with_rows(std::size_t rows, const Run& run) {
  static_assert(kFewRows == 4);
  if (rows == 1) run.template operator()<1>();
  if (rows == 2) run.template operator()<2>();
  if (rows == 3) run.template operator()<3>();
  if (rows == 4) run.template operator()<4>();
}

void multiply_few_any(const float* x, std::size_t x_row, std::size_t rows, const WeightRows& weights,
                      std::size_t in, float* y, std::size_t y_row, std::size_t begin, std::size_t end) {
  std::visit(
      [&](const auto* w) {
        with_rows(rows, [&]<std::size_t Rows>() {
          each_units<Rows>(begin, end, [&]<std::size_t Units>(std::size_t unit) {
            multiply_units<Rows, Units>(x, x_row, w + unit * in, in, y + unit, y_row);
          });
        });
      },
      weights);
}

void multiply_few_whole_any(const std::int16_t* x, std::size_t x_row, std::size_t rows,
                            const std::int8_t* weights, std::size_t in, float* y, std::size_t y_row,
                            std::size_t begin, std::size_t end) {
  with_rows(rows, [&]<std::size_t Rows>() {
    each_units<Rows>(begin, end, [&]<std::size_t Units>(std::size_t unit) {
      multiply_whole_units<Rows, Units>(x, x_row, weights + unit * in, in, y + unit, y_row);
    });
  });
}

/// Parts of a and b are copied together first: rows that lie powers of two apart would push each other out of
/// the caches.
void multiply_columns_any(const float* a, std::size_t a_row, std::size_t rows, const float* b,
                          std::size_t b_row, std::size_t depth, float* c, std::size_t c_row,
                          std::size_t begin, std::size_t end) {
  constexpr std::size_t kRowsAtOnce = 128, kDepthAtOnce = 256, kLeftRow = kDepthAtOnce + 16;
  alignas(64) float left[kRowsAtOnce * kLeftRow];
  alignas(64) float right[kDepthAtOnce * static_cast<std::size_t>(kColumns)];
  for (std::size_t row = 0; row < rows; row += kRowsAtOnce) {
    const std::size_t some_rows = std::min(kRowsAtOnce, rows - row);
    for (std::size_t k = 0; k < depth; k += kDepthAtOnce) {
      const std::size_t some_depth = std::min(kDepthAtOnce, depth - k);
      for (std::size_t r = 0; r < some_rows; ++r)
        std::copy_n(a + (row + r) * a_row + k, some_depth, left + r * kLeftRow);
      for (std::size_t column = begin; column < end;) {
        const std::size_t width = end - column >= static_cast<std::size_t>(kColumns) ? kColumns : 16;
        for (std::size_t d = 0; d < some_depth; ++d)
          std::copy_n(b + (k + d) * b_row + column, width, right + d * width);
        multiply(left, right, 0, c + row * c_row + column, static_cast<int>(some_rows),
                 static_cast<int>(width), static_cast<int>(some_depth),
                 {kLeftRow, 1, static_cast<std::int64_t>(width), static_cast<std::int64_t>(c_row)}, k > 0);
        column += width;
      }
    }
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace alexnet::cpu
HWY_AFTER_NAMESPACE();
