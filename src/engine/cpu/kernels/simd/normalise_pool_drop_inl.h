// The kernels of normalise_pool_drop.h, compiled once for each instruction set (no include guard: see
// normalise_pool_drop.cpp).
#include <hwy/highway.h>

#include <algorithm>

#include "engine/cpu/kernels/simd/dropout_inl.h"
#include "engine/cpu/kernels/simd/normalise_pool_drop.h"

HWY_BEFORE_NAMESPACE();
namespace alexnet::cpu {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

/// A block of channels is kParts vectors.
template <int Block>
struct Lanes {
  using D = hn::CappedTag<float, Block>;
  using V = hn::Vec<D>;
  using DI = hn::RebindToSigned<D>;
  using DW = hn::Rebind<std::uint16_t, D>;
  static constexpr int kLanes = static_cast<int>(hn::MaxLanes(D()));
  static constexpr int kParts = Block / kLanes;
};

struct Range {
  int first, last;  // [first, last)
  int count() const { return std::max(last - first, 0); }
};

/// The part of a window that lies inside the image.
HWY_INLINE Range inside(int position, int stride, int pad, int kernel, int size) {
  const int start = position * stride - pad;
  return {std::max(start, 0), std::min(start + kernel, size)};
}

/// The windows that cover a pixel.
HWY_INLINE Range covering(int pixel, int stride, int pad, int kernel, int windows) {
  const int last = (pixel + pad) / stride, reach = pixel + pad - kernel + 1;
  return {reach <= 0 ? 0 : (reach + stride - 1) / stride, std::min(last + 1, windows)};
}

template <int Block>
void moments(const float* HWY_RESTRICT x, int images, std::size_t stride, std::size_t pixels,
             float* HWY_RESTRICT mean, float* HWY_RESTRICT squares) {
  using L = Lanes<Block>;
  const typename L::D d;
  const float count = static_cast<float>(images) * static_cast<float>(pixels);
  // Two sums each, or every addition would wait for the one before.
  for (int part = 0; part < L::kParts; ++part) {
    const float* from = x + part * L::kLanes;
    const auto sum_of = [&](auto&& term) HWY_ATTR {
      auto even = hn::Zero(d), odd = hn::Zero(d);
      for (int n = 0; n < images; ++n) {
        const float* image = from + static_cast<std::size_t>(n) * stride;
        std::size_t p = 0;
        for (; p + 1 < pixels; p += 2) {
          even = term(even, hn::Load(d, image + p * Block));
          odd = term(odd, hn::Load(d, image + (p + 1) * Block));
        }
        if (p < pixels) even = term(even, hn::Load(d, image + p * Block));
      }
      return hn::Add(even, odd);
    };
    const auto centre =
        hn::Div(sum_of([](auto sum, auto v) HWY_ATTR { return hn::Add(sum, v); }), hn::Set(d, count));
    hn::StoreU(centre, d, mean + part * L::kLanes);
    hn::StoreU(sum_of([&](auto sum, auto v) HWY_ATTR {
                 const auto off = hn::Sub(v, centre);
                 return hn::MulAdd(off, off, sum);
               }),
               d, squares + part * L::kLanes);
  }
}

/// Pixels whose dropout draws are made at a time.
constexpr int kChunk = 64;

template <int Block>
class Forward {
  using L = Lanes<Block>;
  using V = typename L::V;
  using VI = hn::Vec<typename L::DI>;

 public:
  explicit Forward(const NormalisePoolDropTile& tile) : t_(tile) {}

  void run() {
    for (int n = 0; n < t_.images; ++n) {
      x_ = t_.x + static_cast<std::size_t>(n) * t_.in_stride;
      offset_ = static_cast<std::size_t>(n) * t_.out_stride;
      const int pixels = t_.geometry.out_height * t_.geometry.out_width;
      for (int p = 0; p < pixels; p += kChunk) {
        const int count = std::min(kChunk, pixels - p);
        if (t_.dropout.threshold > 0) {
          const std::uint64_t element = t_.first_element + static_cast<std::uint64_t>(n) * t_.element_stride +
                                        static_cast<std::uint64_t>(p) * 16;
          dropout_draws<Block>(t_.dropout.seed, t_.dropout.step, t_.dropout.layer, element, count, draws_);
        }
        chunk(p, count);
      }
    }
  }

 private:
  void chunk(int first, int count) {
    if (!t_.geometry.pooled) {
      for (int i = 0; i < count; ++i)
        for (int part = 0; part < L::kParts; ++part)
          finish(first + i, i, part, normalised(first + i, part), hn::Zero(di_));
      return;
    }
    int row = first / t_.geometry.out_width, column = first % t_.geometry.out_width;
    for (int i = 0; i < count; ++i) {
      for (int part = 0; part < L::kParts; ++part) pool(row, column, first + i, i, part);
      if (++column == t_.geometry.out_width) column = 0, ++row;
    }
  }

  HWY_INLINE V normalised(int pixel, int part) const {
    const int at = part * L::kLanes;
    const V x = hn::Load(d_, x_ + static_cast<std::size_t>(pixel) * Block + at);
    return hn::MulAdd(hn::Sub(x, hn::LoadU(d_, t_.center + at)), hn::LoadU(d_, t_.scale + at),
                      hn::LoadU(d_, t_.shift + at));
  }

  // Of equal maxima the first counts; NaN is larger than any number. A window in the padding altogether
  // gives 0 and takes no gradient.
  HWY_INLINE void pool(int row, int column, int pixel, int i, int part) {
    const PoolGeometry& g = t_.geometry;
    const Range rows = inside(row, g.stride_height, g.pad_top, g.kernel_height, g.in_height);
    const Range columns = inside(column, g.stride_width, g.pad_left, g.kernel_width, g.in_width);
    if (rows.count() == 0 || columns.count() == 0) {
      finish(pixel, i, part, hn::Zero(d_), hn::Set(di_, kDropped));
      return;
    }
    // Place in the window of image pixel (y, x): (y - top) * kernel width + x - left.
    const int top = row * g.stride_height - g.pad_top, left = column * g.stride_width - g.pad_left;
    V best = normalised(rows.first * g.in_width + columns.first, part);
    VI winner = hn::Set(di_, (rows.first - top) * g.kernel_width + columns.first - left);
    for (int y = rows.first; y < rows.last; ++y) {
      for (int x = columns.first; x < columns.last; ++x) {
        const V value = normalised(y * g.in_width + x, part);
        const auto better = hn::Or(hn::Gt(value, best), hn::IsNaN(value));
        best = hn::IfThenElse(better, value, best);
        winner = hn::IfThenElse(hn::RebindMask(di_, better),
                                hn::Set(di_, (y - top) * g.kernel_width + x - left), winner);
      }
    }
    finish(pixel, i, part, best, winner);
  }

  HWY_INLINE void finish(int pixel, int i, int part, V value, VI winner) {
    const std::size_t at = offset_ + static_cast<std::size_t>(pixel) * Block + part * L::kLanes;
    if (t_.dropout.threshold > 0) {
      const auto draws = hn::PromoteTo(di_, hn::Load(dw_, draws_ + i * Block + part * L::kLanes));
      const auto dropped = hn::Lt(draws, hn::Set(di_, static_cast<std::int32_t>(t_.dropout.threshold)));
      value = hn::IfThenZeroElse(hn::RebindMask(d_, dropped), hn::Mul(value, hn::Set(d_, t_.dropout.scale)));
      winner = hn::IfThenElse(dropped, hn::Set(di_, kDropped), winner);
    }
    hn::Store(value, d_, t_.y + at);
    if (t_.winners != nullptr) hn::Store(hn::DemoteTo(dw_, winner), dw_, t_.winners + at);
  }

  const NormalisePoolDropTile& t_;
  const typename L::D d_{};
  const typename L::DI di_{};
  const typename L::DW dw_{};
  const float* x_ = nullptr;
  std::size_t offset_ = 0;
  alignas(64) std::uint16_t draws_[kChunk * Block];
};

template <int Block>
class Backward {
  using L = Lanes<Block>;
  using V = typename L::V;

 public:
  explicit Backward(const NormalisePoolDropGradientTile& tile) : t_(tile) {}

  void run() {
    const V a_scale = hn::Set(d_, t_.dropout_scale);
    for (int n = 0; n < t_.images; ++n) {
      select(n);
      for (int part = 0; part < L::kParts; ++part) {
        const int at = part * L::kLanes;
        const V a = hn::Mul(hn::LoadU(d_, t_.a + at), a_scale), b = hn::LoadU(d_, t_.b + at),
                c = hn::LoadU(d_, t_.c + at), center = hn::LoadU(d_, t_.center + at);
        each_input_pixel([&](std::size_t pixel, int row, int column) HWY_ATTR {
          const std::size_t place = pixel * Block + static_cast<std::size_t>(at);
          V gradient = hn::MulAdd(a, routed(pixel, row, column, part), c);
          if (t_.x != nullptr) {
            const V x = hn::Load(d_, x_ + place);
            gradient = hn::MulAdd(b, hn::Sub(x, center), gradient);
            if (t_.relu) gradient = hn::IfThenElseZero(hn::Gt(x, hn::Zero(d_)), gradient);
          }
          hn::Store(gradient, d_, dx_ + place);
        });
      }
    }
  }

  void sums(float* HWY_RESTRICT sum, float* HWY_RESTRICT product) {
    const V scale = hn::Set(d_, t_.dropout_scale);
    for (int part = 0; part < L::kParts; ++part) {
      const int at = part * L::kLanes;
      const V center = hn::LoadU(d_, t_.center + at);
      V total = hn::Zero(d_), with_x = hn::Zero(d_);
      for (int n = 0; n < t_.images; ++n) {
        select(n);
        each_output_pixel([&](std::size_t pixel, int row, int column) HWY_ATTR {
          const V dy = kept(pixel, part);
          total = hn::Add(total, dy);
          with_x = hn::MulAdd(dy, hn::Sub(winning_x(pixel, row, column, part), center), with_x);
        });
      }
      hn::StoreU(hn::Mul(total, scale), d_, sum + at);
      hn::StoreU(hn::Mul(with_x, scale), d_, product + at);
    }
  }

 private:
  void select(int n) {
    const auto image = static_cast<std::size_t>(n);
    x_ = t_.x + (t_.x == nullptr ? 0 : image * t_.in_stride);
    dx_ = t_.dx + (t_.dx == nullptr ? 0 : image * t_.in_stride);
    dy_ = t_.dy + image * t_.out_stride;
    winners_ = t_.winners + (t_.winners == nullptr ? 0 : image * t_.out_stride);
  }

  template <class Body>
  HWY_INLINE void each_input_pixel(Body&& body) const {
    std::size_t pixel = 0;
    for (int row = 0; row < t_.geometry.in_height; ++row)
      for (int column = 0; column < t_.geometry.in_width; ++column) body(pixel++, row, column);
  }
  template <class Body>
  HWY_INLINE void each_output_pixel(Body&& body) const {
    std::size_t pixel = 0;
    for (int row = 0; row < t_.geometry.out_height; ++row)
      for (int column = 0; column < t_.geometry.out_width; ++column) body(pixel++, row, column);
  }

  HWY_INLINE hn::Vec<typename L::DI> winner(std::size_t pixel, int part) const {
    return hn::PromoteTo(di_, hn::Load(dw_, winners_ + pixel * Block + part * L::kLanes));
  }

  /// dy of an output, zero where it was dropped.
  HWY_INLINE V kept(std::size_t pixel, int part) const {
    const V dy = hn::Load(d_, dy_ + pixel * Block + part * L::kLanes);
    if (winners_ == nullptr) return dy;
    const auto dropped = hn::Eq(winner(pixel, part), hn::Set(di_, kDropped));
    return hn::IfThenZeroElse(hn::RebindMask(d_, dropped), dy);
  }

  /// x of the pixel that an output came from; anything where it was dropped.
  HWY_INLINE V winning_x(std::size_t pixel, int row, int column, int part) const {
    const int at = part * L::kLanes;
    if (!t_.geometry.pooled) return hn::Load(d_, x_ + pixel * Block + at);
    const PoolGeometry& g = t_.geometry;
    const Range rows = inside(row, g.stride_height, g.pad_top, g.kernel_height, g.in_height);
    const Range columns = inside(column, g.stride_width, g.pad_left, g.kernel_width, g.in_width);
    const int top = row * g.stride_height - g.pad_top, left = column * g.stride_width - g.pad_left;
    const auto place = winner(pixel, part);
    V value = hn::Zero(d_);
    for (int y = rows.first; y < rows.last; ++y) {
      const float* line = x_ + static_cast<std::size_t>(y) * g.in_width * Block + at;
      for (int x = columns.first; x < columns.last; ++x) {
        const auto here = hn::Eq(place, hn::Set(di_, (y - top) * g.kernel_width + x - left));
        value = hn::IfThenElse(hn::RebindMask(d_, here), hn::Load(d_, line + x * Block), value);
      }
    }
    return value;
  }

  /// Sum of the dy that come back to an input pixel.
  HWY_INLINE V routed(std::size_t pixel, int row, int column, int part) const {
    if (!t_.geometry.pooled) return kept(pixel, part);
    const PoolGeometry& g = t_.geometry;
    const Range rows = covering(row, g.stride_height, g.pad_top, g.kernel_height, g.out_height);
    const Range columns = covering(column, g.stride_width, g.pad_left, g.kernel_width, g.out_width);
    V sum = hn::Zero(d_);
    for (int oy = rows.first; oy < rows.last; ++oy) {
      const int place = (row - oy * g.stride_height + g.pad_top) * g.kernel_width + column + g.pad_left;
      for (int ox = columns.first; ox < columns.last; ++ox) {
        const std::size_t output = static_cast<std::size_t>(oy) * g.out_width + ox;
        const auto mine = hn::Eq(winner(output, part), hn::Set(di_, place - ox * g.stride_width));
        const V dy = hn::Load(d_, dy_ + output * Block + part * L::kLanes);
        sum = hn::Add(sum, hn::IfThenElseZero(hn::RebindMask(d_, mine), dy));
      }
    }
    return sum;
  }

  const NormalisePoolDropGradientTile& t_;
  const typename L::D d_{};
  const typename L::DI di_{};
  const typename L::DW dw_{};
  const float *x_ = nullptr, *dy_ = nullptr;
  float* dx_ = nullptr;
  const std::uint16_t* winners_ = nullptr;
};

// --- By size of block

void moments_any(int block, const float* x, int images, std::size_t stride, std::size_t pixels, float* mean,
                 float* squares) {
  block == 16 ? moments<16>(x, images, stride, pixels, mean, squares)
              : moments<8>(x, images, stride, pixels, mean, squares);
}
void forward_any(int block, const NormalisePoolDropTile& tile) {
  block == 16 ? Forward<16>(tile).run() : Forward<8>(tile).run();
}
void sums_any(int block, const NormalisePoolDropGradientTile& tile, float* sum, float* product) {
  block == 16 ? Backward<16>(tile).sums(sum, product) : Backward<8>(tile).sums(sum, product);
}
void backward_any(int block, const NormalisePoolDropGradientTile& tile) {
  block == 16 ? Backward<16>(tile).run() : Backward<8>(tile).run();
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace alexnet::cpu
HWY_AFTER_NAMESPACE();
