// The kernels of elementwise.h, compiled once for each instruction set (no include guard: see
// elementwise.cpp).
#include <hwy/contrib/math/math-inl.h>
#include <hwy/highway.h>

#include <algorithm>
#include <cmath>
#include <cstddef>

HWY_BEFORE_NAMESPACE();
namespace alexnet::cpu {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;
using D = hn::ScalableTag<float>;
using V = hn::Vec<D>;

/// Calls whole(i) for every full vector and rest(i, n) for the last n values.
template <class Whole, class Rest>
HWY_INLINE void each_vector(std::size_t count, Whole&& whole, Rest&& rest) {
  const std::size_t lanes = hn::Lanes(D());
  std::size_t i = 0;
  for (; i + lanes <= count; i += lanes) whole(i);
  if (i < count) rest(i, count - i);
}

/// to[i] = function(a[i], b[i]).
template <class Function>
HWY_INLINE void map(const float* a, const float* b, float* to, std::size_t count, Function&& function) {
  const D d;
  each_vector(
      count,
      [&](std::size_t i)
          HWY_ATTR { hn::StoreU(function(hn::LoadU(d, a + i), hn::LoadU(d, b + i)), d, to + i); },
      [&](std::size_t i, std::size_t rest) HWY_ATTR {
        HWY_ALIGN float left[hn::MaxLanes(D())] = {}, right[hn::MaxLanes(D())] = {};
        std::copy_n(a + i, rest, left);
        std::copy_n(b + i, rest, right);
        hn::Store(function(hn::Load(d, left), hn::Load(d, right)), d, left);
        std::copy_n(left, rest, to + i);
      });
}

void map_relu(const float* x, float* y, std::size_t count) {
  // NaN stays NaN.
  map(x, x, y, count, [](V v, V) HWY_ATTR { return hn::IfThenZeroElse(hn::Lt(v, hn::Zero(D())), v); });
}
void map_tanh(const float* x, float* y, std::size_t count) {
  map(x, x, y, count, [](V v, V) HWY_ATTR { return hn::Tanh(D(), v); });
}
void map_sigmoid(const float* x, float* y, std::size_t count) {
  map(x, x, y, count, [](V v, V) HWY_ATTR {
    const V one = hn::Set(D(), 1.0F);
    return hn::Div(one, hn::Add(one, hn::Exp(D(), hn::Neg(v))));
  });
}
void map_relu_gradient(const float* y, const float* dy, float* dx, std::size_t count) {
  map(y, dy, dx, count,
      [](V value, V g) HWY_ATTR { return hn::IfThenElseZero(hn::Gt(value, hn::Zero(D())), g); });
}
void map_tanh_gradient(const float* y, const float* dy, float* dx, std::size_t count) {
  map(y, dy, dx, count,
      [](V value, V g) HWY_ATTR { return hn::Mul(g, hn::NegMulAdd(value, value, hn::Set(D(), 1.0F))); });
}
void map_sigmoid_gradient(const float* y, const float* dy, float* dx, std::size_t count) {
  map(y, dy, dx, count, [](V value, V g) HWY_ATTR { return hn::Mul(g, hn::NegMulAdd(value, value, value)); });
}

/// Four sums, or each addition would wait for the one before.
HWY_INLINE float dot(const float* HWY_RESTRICT a, const float* HWY_RESTRICT b, std::size_t count) {
  const D d;
  const std::size_t lanes = hn::Lanes(d);
  V s0 = hn::Zero(d), s1 = s0, s2 = s0, s3 = s0;
  std::size_t i = 0;
  for (; i + 4 * lanes <= count; i += 4 * lanes) {
    s0 = hn::MulAdd(hn::LoadU(d, a + i), hn::LoadU(d, b + i), s0);
    s1 = hn::MulAdd(hn::LoadU(d, a + i + lanes), hn::LoadU(d, b + i + lanes), s1);
    s2 = hn::MulAdd(hn::LoadU(d, a + i + 2 * lanes), hn::LoadU(d, b + i + 2 * lanes), s2);
    s3 = hn::MulAdd(hn::LoadU(d, a + i + 3 * lanes), hn::LoadU(d, b + i + 3 * lanes), s3);
  }
  float sum = hn::GetLane(hn::SumOfLanes(d, hn::Add(hn::Add(s0, s1), hn::Add(s2, s3))));
  for (; i < count; ++i) sum += a[i] * b[i];
  return sum;
}

void dot_all_rows(const float* matrix, std::size_t row_length, std::size_t rows, const float* x, float* y) {
  for (std::size_t r = 0; r < rows; ++r) y[r] = dot(matrix + r * row_length, x, row_length);
}

template <int Block>
void add_block(const float* HWY_RESTRICT values, std::size_t pixels, float* HWY_RESTRICT sums) {
  const hn::CappedTag<float, Block> d;
  for (std::size_t part = 0; part < Block; part += hn::Lanes(d)) {
    auto sum = hn::Zero(d);
    for (std::size_t p = 0; p < pixels; ++p) sum = hn::Add(sum, hn::LoadU(d, values + p * Block + part));
    hn::StoreU(hn::Add(sum, hn::LoadU(d, sums + part)), d, sums + part);
  }
}

void add_any(int block, const float* values, std::size_t pixels, float* sums) {
  block == 16 ? add_block<16>(values, pixels, sums) : add_block<8>(values, pixels, sums);
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace alexnet::cpu
HWY_AFTER_NAMESPACE();
