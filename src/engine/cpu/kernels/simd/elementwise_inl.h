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

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace alexnet::cpu
HWY_AFTER_NAMESPACE();
