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

/// base ^ -beta; everybody's beta, 0.75, takes two roots instead of a logarithm.
template <class D, class V = hn::Vec<D>>
HWY_INLINE V to_minus_beta(D d, V base, float beta) {
  if (beta == 0.75F) {
    const V root = hn::Sqrt(base);
    return hn::Div(hn::Set(d, 1.0F), hn::Mul(root, hn::Sqrt(root)));
  }
  return hn::Exp(d, hn::Mul(hn::Set(d, -beta), hn::Log(d, base)));
}

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
        hn::Store(hn::Mul(hn::Load(d_, r_.x + at(p, c)), to_minus_beta(d_, divisor(c), r_.beta)), d_,
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
        const V own = hn::Mul(dy, to_minus_beta(d_, d, r_.beta));
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
  const LrnRow& r_;
  const D d_{};
  std::size_t margin_;
  float *squares_, *terms_;
};

/// One pixel of a block of channels at a time, with the pixels around it.
template <int Block>
class LrnPlaneKernel {
  using D = hn::CappedTag<float, Block>;
  using V = hn::Vec<D>;

 public:
  explicit LrnPlaneKernel(const LrnPlane& plane) : p_(plane) {}

  void forward() {
    each_vector([&](int row, int column, std::size_t at) HWY_ATTR {
      hn::Store(hn::Mul(hn::Load(d_, p_.x + at), to_minus_beta(d_, divisor(row, column, at), p_.beta)), d_,
                p_.result + at);
    });
  }

  // As across channels. The pixels whose squares hold a pixel lie mirrored around it.
  void backward() {
    each_vector([&](int row, int column, std::size_t at) HWY_ATTR {
      const V x = hn::Load(d_, p_.x + at), dy = hn::Load(d_, p_.dy + at), d = divisor(row, column, at);
      const V own = hn::Mul(dy, to_minus_beta(d_, d, p_.beta));
      hn::Store(hn::Div(hn::Mul(own, x), d), d_, p_.terms + at);
      hn::Store(own, d_, p_.result + at);
    });
    const V factor = hn::Set(d_, -2.0F * p_.alpha * p_.beta);
    each_vector([&](int row, int column, std::size_t at) HWY_ATTR {
      V sum = hn::Zero(d_);
      around(row, column, at, p_.behind, p_.before,
             [&](std::size_t near) HWY_ATTR { sum = hn::Add(sum, hn::Load(d_, p_.terms + near)); });
      const V x = hn::Load(d_, p_.x + at), own = hn::Load(d_, p_.result + at);
      hn::Store(hn::MulAdd(hn::Mul(factor, x), sum, own), d_, p_.result + at);
    });
  }

 private:
  /// Calls body(row, column, place) for every vector of every pixel.
  template <class Body>
  HWY_INLINE void each_vector(Body&& body) const {
    std::size_t at = 0;
    for (int row = 0; row < p_.height; ++row)
      for (int column = 0; column < p_.width; ++column)
        for (std::size_t lane = 0; lane < Block; lane += hn::Lanes(d_), at += hn::Lanes(d_))
          body(row, column, at);
  }
  /// Calls body(place) for the same channels of the pixels from `before` before to `behind` behind one.
  template <class Body>
  HWY_INLINE void around(int row, int column, std::size_t at, int before, int behind, Body&& body) const {
    const int top = std::max(row - before, 0), bottom = std::min(row + behind, p_.height - 1);
    const int left = std::max(column - before, 0), right = std::min(column + behind, p_.width - 1);
    const std::size_t own = (static_cast<std::size_t>(row) * static_cast<std::size_t>(p_.width) +
                             static_cast<std::size_t>(column)) *
                            Block;
    for (int y = top; y <= bottom; ++y)
      for (int x = left; x <= right; ++x)
        body(
            (static_cast<std::size_t>(y) * static_cast<std::size_t>(p_.width) + static_cast<std::size_t>(x)) *
                Block +
            at - own);
  }
  HWY_INLINE V divisor(int row, int column, std::size_t at) const {
    V sum = hn::Zero(d_);
    around(row, column, at, p_.before, p_.behind, [&](std::size_t near) HWY_ATTR {
      const V x = hn::Load(d_, p_.x + near);
      sum = hn::MulAdd(x, x, sum);
    });
    return hn::MulAdd(hn::Set(d_, p_.alpha), sum, hn::Set(d_, p_.k));
  }

  const LrnPlane& p_;
  const D d_{};
};

void forward_any(const LrnRow& row) {
  row.block == 16 ? LrnKernel<16>(row).forward() : LrnKernel<8>(row).forward();
}
void backward_any(const LrnRow& row) {
  row.block == 16 ? LrnKernel<16>(row).backward() : LrnKernel<8>(row).backward();
}
void plane_forward_any(const LrnPlane& plane) {
  plane.block == 16 ? LrnPlaneKernel<16>(plane).forward() : LrnPlaneKernel<8>(plane).forward();
}
void plane_backward_any(const LrnPlane& plane) {
  plane.block == 16 ? LrnPlaneKernel<16>(plane).backward() : LrnPlaneKernel<8>(plane).backward();
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace alexnet::cpu
HWY_AFTER_NAMESPACE();
