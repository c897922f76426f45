// Matrix products on blocks of 16 channels, in vectors: what remains of a Winograd convolution between its
// transforms, and a product of dense layers.
#include <hwy/cache_control.h>
#include <hwy/highway.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

// One copy for each instruction set.
#if defined(ALEXNET_CPU_PRODUCT_SIMD_H) == defined(HWY_TARGET_TOGGLE)
#ifdef ALEXNET_CPU_PRODUCT_SIMD_H
#undef ALEXNET_CPU_PRODUCT_SIMD_H
#else
#define ALEXNET_CPU_PRODUCT_SIMD_H
#endif

HWY_BEFORE_NAMESPACE();
namespace alexnet::cpu {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

// A block of 16 channels is kParts vectors.
using D = hn::CappedTag<float, 16>;
using V = hn::Vec<D>;
constexpr int kLanes = static_cast<int>(hn::MaxLanes(D()));
constexpr int kParts = 16 / kLanes;

// As many accumulators as the registers hold, beside the vectors of b and one of a; GCC takes one for each
// row on ARM, which has 32.
constexpr int kRows = kLanes == 16 ? 14 : kLanes == 8 ? 6 : HWY_ARCH_ARM_A64 ? 5 : 3;
constexpr int kVectors = kLanes == 16 ? 2 : kParts;
constexpr int kColumns = kVectors * kLanes;  // 32 with AVX-512, else 16

// Steps of depth that b is asked for ahead: where it comes from outer caches, processors foresee too little.
constexpr int kAhead = 16;

/// One step of a matrix product's operands, in floats.
struct Strides {
  std::int64_t a_row, a_depth, b_depth, c_row;
};

/// c[r][:] = (accumulate ? c[r][:] : 0) + sum over depth of a[r][k] * b[k][:]; Rows rows, Vectors vectors.
template <int Rows, int Vectors>
void product(const float* HWY_RESTRICT a, const float* HWY_RESTRICT b, float* HWY_RESTRICT c,
             const Strides& strides, int depth, bool accumulate) {
  const D d;
  V sum[Rows][Vectors];
#pragma GCC unroll 16
  for (int r = 0; r < Rows; ++r) {
#pragma GCC unroll 4
    for (int v = 0; v < Vectors; ++v)
      sum[r][v] = accumulate ? hn::LoadU(d, c + r * strides.c_row + v * kLanes) : hn::Zero(d);
  }
  const std::int64_t a_row = strides.a_row, a_depth = strides.a_depth, b_depth = strides.b_depth;
  for (int k = 0; k < depth; ++k) {
#pragma GCC unroll 4
    for (int v = 0; v < Vectors; v += kParts) hwy::Prefetch(b + kAhead * b_depth + v * kLanes);
    V right[Vectors];
#pragma GCC unroll 4
    for (int v = 0; v < Vectors; ++v) right[v] = hn::LoadU(d, b + v * kLanes);
#pragma GCC unroll 16
    for (int r = 0; r < Rows; ++r) {
      const V left = hn::Set(d, a[r * a_row]);
#pragma GCC unroll 4
      for (int v = 0; v < Vectors; ++v) sum[r][v] = hn::MulAdd(left, right[v], sum[r][v]);
    }
    a += a_depth;
    b += b_depth;
  }
#pragma GCC unroll 16
  for (int r = 0; r < Rows; ++r) {
#pragma GCC unroll 4
    for (int v = 0; v < Vectors; ++v) hn::StoreU(sum[r][v], d, c + r * strides.c_row + v * kLanes);
  }
}

using Product = void (*)(const float*, const float*, float*, const Strides&, int, bool);

template <int Vectors, int... Rows>
constexpr std::array<Product, sizeof...(Rows)> products(std::integer_sequence<int, Rows...>) {
  return {product<Rows + 1, Vectors>...};
}

/// c (rows x columns) = or += a b. columns: a multiple of 16. A group of rows meets all columns before the
/// next group.
void multiply(const float* a, const float* b, std::int64_t b_panel, float* c, int rows, int columns,
              int depth, const Strides& strides, bool accumulate) {
  static constexpr auto kWide = products<kVectors>(std::make_integer_sequence<int, kRows>());
  static constexpr auto kNarrow = products<kParts>(std::make_integer_sequence<int, kRows>());
  for (int row = 0; row < rows; row += kRows) {
    const int count = std::min(kRows, rows - row);
    for (int column = 0; column < columns;) {
      const bool wide = columns - column >= kColumns;
      (wide ? kWide : kNarrow)[static_cast<std::size_t>(count - 1)](
          a + row * strides.a_row, b + column / 32 * b_panel + column % 32, c + row * strides.c_row + column,
          strides, depth, accumulate);
      column += wide ? kColumns : 16;
    }
  }
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace alexnet::cpu
HWY_AFTER_NAMESPACE();
#endif
