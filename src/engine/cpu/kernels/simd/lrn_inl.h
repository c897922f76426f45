// The kernels of lrn.h, compiled once for each instruction set (no include guard: see
// lrn.cpp).
#include <hwy/contrib/math/math-inl.h>
#include <hwy/highway.h>

#include <algorithm>
#include <cmath>

#include "engine/cpu/kernels/simd/lrn.h"

HWY_BEFORE_NAMESPACE();
namespace alexnet::cpu {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

/// One pixel at a time: its channels side by side in a line with zeros before and behind.
template <int Block>
class LrnKernel {
  using D = hn::CappedTag<float, Block>;
  using V = hn::Vec<D>;

 public:
  explicit LrnKernel(const LrnRow& row)
      : r_(row),
        margin_(row.below + row.above),
        squares_(row.line),
        terms_(squares_ + row.channels + margin_) {
    std::fill_n(row.line, 2 * (row.channels + margin_), 0.0F);
  }

  void forward() {
    for (std::size_t p = 0; p < r_.pixels; ++p) {
      square(p);
      each_vector([&](std::size_t c) HWY_ATTR {
        hn::Store(hn::Mul(hn::Load(d_, r_.x + at(p, c)), to_minus_beta(divisor(c))), d_,
                  r_.result + at(p, c));
      });
    }
  }

  // dx_j = dy_j / d_j^beta - 2 alpha beta x_j * sum of dy_c x_c / d_c^(beta + 1) over the c whose window
  // holds j.
  void backward() {
    const V factor = hn::Set(d_, -2.0F * r_.alpha * r_.beta);
    for (std::size_t p = 0; p < r_.pixels; ++p) {
      square(p);
      each_vector([&](std::size_t c) HWY_ATTR {
        const V x = hn::Load(d_, r_.x + at(p, c)), dy = hn::Load(d_, r_.dy + at(p, c)), d = divisor(c);
        const V own = hn::Mul(dy, to_minus_beta(d));
        hn::StoreU(hn::Div(hn::Mul(own, x), d), d_, terms_ + r_.above + c);
        hn::Store(own, d_, r_.result + at(p, c));
      });
      each_vector([&](std::size_t c) HWY_ATTR {
        const V x = hn::Load(d_, r_.x + at(p, c)), own = hn::Load(d_, r_.result + at(p, c));
        hn::Store(hn::MulAdd(hn::Mul(factor, x), window_sum(terms_ + c), own), d_, r_.result + at(p, c));
      });
    }
  }

 private:
  std::size_t at(std::size_t pixel, std::size_t c) const {
    return c / Block * r_.plane + pixel * Block + c % Block;
  }
  template <class Body>
  HWY_INLINE void each_vector(Body&& body) const {
    for (std::size_t c = 0; c < r_.channels; c += hn::Lanes(d_)) body(c);
  }
  HWY_INLINE void square(std::size_t p) {
    each_vector([&](std::size_t c) HWY_ATTR {
      const V x = hn::Load(d_, r_.x + at(p, c));
      hn::StoreU(hn::Mul(x, x), d_, squares_ + r_.below + c);
    });
  }
  HWY_INLINE V window_sum(const float* first) const {
    V sum = hn::Zero(d_);
    for (std::size_t i = 0; i <= margin_; ++i) sum = hn::Add(sum, hn::LoadU(d_, first + i));
    return sum;
  }
  HWY_INLINE V divisor(std::size_t c) const {
    return hn::MulAdd(hn::Set(d_, r_.alpha), window_sum(squares_ + c), hn::Set(d_, r_.k));
  }
  /// base ^ -beta; everybody's beta, 0.75, takes two roots instead of a logarithm.
  HWY_INLINE V to_minus_beta(V base) const {
    if (r_.beta == 0.75F) {
      const V root = hn::Sqrt(base);
      return hn::Div(hn::Set(d_, 1.0F), hn::Mul(root, hn::Sqrt(root)));
    }
    return hn::Exp(d_, hn::Mul(hn::Set(d_, -r_.beta), hn::Log(d_, base)));
  }

  const LrnRow& r_;
  const D d_{};
  std::size_t margin_;
  float *squares_, *terms_;
};

void forward_any(const LrnRow& row) {
  row.block == 16 ? LrnKernel<16>(row).forward() : LrnKernel<8>(row).forward();
}
void backward_any(const LrnRow& row) {
  row.block == 16 ? LrnKernel<16>(row).backward() : LrnKernel<8>(row).backward();
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace alexnet::cpu
HWY_AFTER_NAMESPACE();
