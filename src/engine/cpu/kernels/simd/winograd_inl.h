// The kernels of winograd.h, compiled once for each instruction set (no include guard: see
// winograd.cpp).
#include <hwy/highway.h>

#include <algorithm>
#include <array>
#include <limits>
#include <utility>

#include "engine/cpu/kernels/simd/product_inl.h"
#include "engine/cpu/kernels/simd/winograd.h"
#include "engine/cpu/kernels/simd/winograd_matrices.h"

HWY_BEFORE_NAMESPACE();
namespace alexnet::cpu {
namespace HWY_NAMESPACE {
namespace {

// --- One-dimensional transforms
//
// Points come as 0, then pairs +a, -a, then infinity, so that the rows of a pair differ only in the sign of
// odd columns: their even and odd halves are computed once.

HWY_INLINE V scaled(float factor, V value) {
  return factor == 1.0F ? value : hn::Mul(hn::Set(D(), factor), value);
}
HWY_INLINE V add_scaled(V sum, float factor, V value) {
  if (factor == 0.0F) return sum;
  if (factor == 1.0F) return hn::Add(sum, value);
  if (factor == -1.0F) return hn::Sub(sum, value);
  return hn::MulAdd(hn::Set(D(), factor), value, sum);
}

/// Sum of row[k] * in[k] over k = First, First + Step, ...
template <int First, int Step, std::size_t Columns>
HWY_INLINE V dot(const std::array<float, Columns>& row, const V (&in)[Columns]) {
  V sum = hn::Zero(D());
  bool empty = true;
#pragma GCC unroll 16
  for (std::size_t k = First; k < Columns; k += Step) {
    if (row[k] == 0.0F) continue;
    sum = empty ? scaled(row[k], in[k]) : add_scaled(sum, row[k], in[k]);
    empty = false;
  }
  return sum;
}

/// out = matrix * in, where the rows are points (Bt, G, A).
template <std::size_t Points, std::size_t Columns>
HWY_INLINE void to_points(const std::array<std::array<float, Columns>, Points>& matrix,
                          const V (&in)[Columns], V (&out)[Points]) {
  out[0] = dot<0, 1>(matrix[0], in);
#pragma GCC unroll 4
  for (std::size_t p = 1; p + 1 < Points; p += 2) {
    const V even = dot<0, 2>(matrix[p], in), odd = dot<1, 2>(matrix[p], in);
    out[p] = hn::Add(even, odd);
    out[p + 1] = hn::Sub(even, odd);
  }
  out[Points - 1] = dot<0, 1>(matrix[Points - 1], in);
}

/// out = matrix^T * in, where the rows of `matrix` are points (At = A^T, G^T).
template <std::size_t Points, std::size_t Columns>
HWY_INLINE void from_points(const std::array<std::array<float, Columns>, Points>& matrix,
                            const V (&in)[Points], V (&out)[Columns]) {
  V sums[Points], differences[Points];
#pragma GCC unroll 4
  for (std::size_t p = 1; p + 1 < Points; p += 2) {
    sums[p] = hn::Add(in[p], in[p + 1]);
    differences[p] = hn::Sub(in[p], in[p + 1]);
  }
#pragma GCC unroll 8
  for (std::size_t k = 0; k < Columns; ++k) {
    V sum = scaled(matrix[1][k], k % 2 == 0 ? sums[1] : differences[1]);
#pragma GCC unroll 4
    for (std::size_t p = 3; p + 1 < Points; p += 2)
      sum = add_scaled(sum, matrix[p][k], k % 2 == 0 ? sums[p] : differences[p]);
    sum = add_scaled(sum, matrix[0][k], in[0]);
    out[k] = add_scaled(sum, matrix[Points - 1][k], in[Points - 1]);
  }
}

template <int R>
struct Matrices {
  static constexpr std::size_t kM = static_cast<std::size_t>(winograd_tile(R)), kR = R, kN = kM + kR - 1;
  static constexpr auto kAll = winograd_matrices<static_cast<int>(kM), R>();
  static constexpr std::array<std::array<float, kM>, kN> a() {
    std::array<std::array<float, kM>, kN> transposed{};
    for (std::size_t i = 0; i < kM; ++i)
      for (std::size_t j = 0; j < kN; ++j) transposed[j][i] = kAll.at[i][j];
    return transposed;
  }
  static constexpr std::array<std::array<float, kM>, kN> kA = a();
};

// --- Where tiles lie

/// Extents of a tensor of the convolution.
struct Plane {
  std::int64_t channels, height, width;
  std::int64_t whole;  // channels from one image to the next
  std::int64_t block;  // channels to a block
  std::int64_t block_floats() const { return height * width * block; }
  std::int64_t image_floats() const { return whole * height * width; }
};
HWY_INLINE Plane input_plane(const UnitStrideShape& s) {
  return {s.in, s.height, s.width, s.in_whole == 0 ? s.in : s.in_whole, s.in_block};
}
HWY_INLINE Plane output_plane(const UnitStrideShape& s) {
  return {s.out, s.out_height(), s.out_width(), s.out_whole == 0 ? s.out : s.out_whole, s.out_block};
}

/// Offsets of a window's pixels in a tensor of channel blocks (of the first block), -1 where there is no
/// pixel.
template <std::size_t Side>
struct Pixels {
  std::int64_t offset[Side * Side];

  /// The window starts `shift` pixels left of and above the tile's first output; `plane` is the tensor's.
  Pixels(const WinogradBlock& block, std::int64_t tile, int shift, const Plane& plane) {
    const UnitStrideShape& s = block.shape;
    const WinogradTiling& t = block.tiling;
    const int m = winograd_tile(s.kernel);
    const std::int64_t index = block.first_tile + tile,
                       per_canvas = std::int64_t{t.tiles_down} * t.tiles_across;
    const std::int64_t canvas = index / per_canvas;
    const auto within = static_cast<int>(index % per_canvas);
    const std::int64_t image_floats = plane.image_floats();
    const int top = within / t.tiles_across * m - shift, left = within % t.tiles_across * m - shift;
    const int row_period = s.row_period(), column_period = s.column_period();
    for (std::size_t y = 0; y < Side; ++y) {
      const int cy = top + static_cast<int>(y), row = cy < 0 ? 0 : cy / row_period,
                py = cy - row * row_period;
      for (std::size_t x = 0; x < Side; ++x) {
        const int cx = left + static_cast<int>(x), column = cx < 0 ? 0 : cx / column_period,
                  px = cx - column * column_period;
        const std::int64_t image = (canvas * t.rows + row) * t.columns + column;
        const bool inside = py >= 0 && py < plane.height && row < t.rows && px >= 0 && px < plane.width &&
                            column < t.columns && image < s.batch;
        offset[y * Side + x] = inside ? image * image_floats + (py * plane.width + px) * plane.block : -1;
      }
    }
  }
};

alignas(64) constexpr float kZeros[16] = {};

/// Reads a window of From x From pixels, `parts` vectors each (zero where a gate is given and not positive),
/// applies `matrix` (rows are points) from both sides and writes the points of one tile, `stride` floats
/// apart.
template <std::size_t Points, std::size_t From>
HWY_INLINE void window_to_points(const std::array<std::array<float, From>, Points>& matrix,
                                 const Pixels<From>& pixels, const float* source, const float* gate,
                                 float* HWY_RESTRICT points, std::int64_t stride, int parts) {
  const D d;
  alignas(64) float half[Points][From][kLanes];
  for (int part = 0; part < parts; ++part) {
    for (std::size_t x = 0; x < From; ++x) {
      V in[From], out[Points];
#pragma GCC unroll 8
      for (std::size_t y = 0; y < From; ++y) {
        const std::int64_t at = pixels.offset[y * From + x];
        in[y] = hn::Load(d, (at < 0 ? kZeros : source + at) + part * kLanes);
        if (gate != nullptr) {
          const V opening = hn::Load(d, (at < 0 ? kZeros : gate + at) + part * kLanes);
          in[y] = hn::IfThenElseZero(hn::Gt(opening, hn::Zero(d)), in[y]);
        }
      }
      to_points(matrix, in, out);
#pragma GCC unroll 8
      for (std::size_t p = 0; p < Points; ++p) hn::Store(out[p], d, half[p][x]);
    }
    for (std::size_t p = 0; p < Points; ++p) {
      V in[From], out[Points];
#pragma GCC unroll 8
      for (std::size_t x = 0; x < From; ++x) in[x] = hn::Load(d, half[p][x]);
      to_points(matrix, in, out);
#pragma GCC unroll 8
      for (std::size_t q = 0; q < Points; ++q)
        hn::Store(out[q], d, points + static_cast<std::int64_t>(p * Points + q) * stride + part * kLanes);
    }
  }
}

/// Every window of tiles [begin, end), all channels, from a tensor to points, `tile_stride` floats from tile
/// to tile.
template <std::size_t Points, std::size_t From>
void windows_to_points(const WinogradBlock& block, const std::array<std::array<float, From>, Points>& matrix,
                       int shift, const Plane& plane, const float* source, const float* gate, float* points,
                       int tile_stride, std::int64_t begin, std::int64_t end) {
  const std::int64_t stride = std::int64_t{block.capacity} * tile_stride;
  for (std::int64_t tile = begin; tile < end; ++tile) {
    const Pixels<From> pixels(block, tile, shift, plane);
    for (std::int64_t c = 0; c < plane.channels; c += plane.block) {
      const std::int64_t at = c / plane.block * plane.block_floats();
      window_to_points(matrix, pixels, source + at, gate == nullptr ? nullptr : gate + at,
                       points + tile * tile_stride + c, stride, static_cast<int>(plane.block) / kLanes);
    }
  }
}

template <int R>
void transform_input(const WinogradBlock& block, const float* x, const float* gate, std::int64_t begin,
                     std::int64_t end) {
  windows_to_points(block, Matrices<R>::kAll.bt, block.shape.pad, input_plane(block.shape), x, gate, block.v,
                    block.in_stride, begin, end);
}

template <int R>
void transform_gradient(const WinogradBlock& block, const float* dy, const float* gate, std::int64_t begin,
                        std::int64_t end) {
  windows_to_points(block, Matrices<R>::kA, 0, output_plane(block.shape), dy, gate, block.m, block.out_stride,
                    begin, end);
}

template <int R>
void restore_output(const WinogradBlock& block, const float* bias, bool relu, float* y, std::int64_t begin,
                    std::int64_t end) {
  using W = Matrices<R>;
  const D d;
  const Plane plane = output_plane(block.shape);
  const std::int64_t stride = std::int64_t{block.capacity} * block.out_stride;
  const V min = relu ? hn::Zero(d) : hn::Set(d, -std::numeric_limits<float>::infinity());
  alignas(64) float half[W::kM][W::kN][kLanes];
  for (std::int64_t tile = begin; tile < end; ++tile) {
    const Pixels<W::kM> pixels(block, tile, 0, plane);
    for (int c = 0; c < block.shape.out; c += kLanes) {
      const float* points = block.m + tile * block.out_stride + c;
      for (std::size_t q = 0; q < W::kN; ++q) {
        V in[W::kN], out[W::kM];
#pragma GCC unroll 8
        for (std::size_t p = 0; p < W::kN; ++p)
          in[p] = hn::Load(d, points + static_cast<std::int64_t>(p * W::kN + q) * stride);
        from_points(W::kA, in, out);
#pragma GCC unroll 8
        for (std::size_t k = 0; k < W::kM; ++k) hn::Store(out[k], d, half[k][q]);
      }
      const V shift = bias == nullptr ? hn::Zero(d) : hn::LoadU(d, bias + c);
      float* target = y + c / plane.block * plane.block_floats() + c % plane.block;
      for (std::size_t k = 0; k < W::kM; ++k) {
        V in[W::kN], out[W::kM];
#pragma GCC unroll 8
        for (std::size_t q = 0; q < W::kN; ++q) in[q] = hn::Load(d, half[k][q]);
        from_points(W::kA, in, out);
#pragma GCC unroll 8
        for (std::size_t j = 0; j < W::kM; ++j) {
          const std::int64_t at = pixels.offset[k * W::kM + j];
          if (at < 0) continue;
          const V sum = hn::Add(out[j], shift);
          hn::Store(hn::IfThenElse(hn::Lt(sum, min), min, sum), d, target + at);  // NaN stays
        }
      }
    }
  }
}

// --- Weights

/// Where u [points][out / 32][in][32] holds input channel i, output channel o (a multiple of 16) of point 0.
HWY_INLINE std::int64_t panel_offset(const UnitStrideShape& s, std::int64_t i, int o) {
  const int panel = o / 32 * 32, columns = std::min(32, s.out - panel);
  return std::int64_t{panel} * s.in + i * columns + (o - panel);
}

template <int R>
void transform_weights(const UnitStrideShape& s, const float* w, float* u, std::int64_t begin,
                       std::int64_t end) {
  using W = Matrices<R>;
  const D d;
  const std::int64_t pair = std::int64_t{s.in} * s.out, next = winograd_point_stride(s);
  alignas(64) float half[W::kN][R][kLanes];
  for (std::int64_t i = begin; i < end; ++i) {
    for (int o = 0; o < s.out; o += kLanes) {
      for (std::size_t x = 0; x < R; ++x) {
        V in[R], out[W::kN];
#pragma GCC unroll 8
        for (std::size_t y = 0; y < R; ++y)
          in[y] = hn::LoadU(d, w + static_cast<std::int64_t>(y * R + x) * pair + i * s.out + o);
        to_points(W::kAll.g, in, out);
#pragma GCC unroll 8
        for (std::size_t p = 0; p < W::kN; ++p) hn::Store(out[p], d, half[p][x]);
      }
      float* target = u + panel_offset(s, i, o / 16 * 16) + o % 16;
      for (std::size_t p = 0; p < W::kN; ++p) {
        V in[R], out[W::kN];
#pragma GCC unroll 8
        for (std::size_t x = 0; x < R; ++x) in[x] = hn::Load(d, half[p][x]);
        to_points(W::kAll.g, in, out);
#pragma GCC unroll 8
        for (std::size_t q = 0; q < W::kN; ++q)
          hn::StoreU(out[q], d, target + static_cast<std::int64_t>(p * W::kN + q) * next);
      }
    }
  }
}

template <int R>
void restore_weights(const UnitStrideShape& s, const float* u, float* w, std::int64_t begin,
                     std::int64_t end) {
  using W = Matrices<R>;
  const D d;
  const std::int64_t pair = std::int64_t{s.in} * s.out, next = winograd_point_stride(s);
  alignas(64) float half[R][W::kN][kLanes];
  for (std::int64_t i = begin; i < end; ++i) {
    for (int o = 0; o < s.out; o += kLanes) {
      const std::int64_t at = i * s.out + o;
      for (std::size_t q = 0; q < W::kN; ++q) {
        V in[W::kN], out[R];
#pragma GCC unroll 8
        for (std::size_t p = 0; p < W::kN; ++p)
          in[p] = hn::LoadU(d, u + static_cast<std::int64_t>(p * W::kN + q) * next + at);
        from_points(W::kAll.g, in, out);
#pragma GCC unroll 8
        for (std::size_t y = 0; y < R; ++y) hn::Store(out[y], d, half[y][q]);
      }
      for (std::size_t y = 0; y < R; ++y) {
        V in[W::kN], out[R];
#pragma GCC unroll 8
        for (std::size_t q = 0; q < W::kN; ++q) in[q] = hn::Load(d, half[y][q]);
        from_points(W::kAll.g, in, out);
#pragma GCC unroll 8
        for (std::size_t x = 0; x < R; ++x)
          hn::StoreU(out[x], d, w + static_cast<std::int64_t>(y * R + x) * pair + at);
      }
    }
  }
}

// --- One matrix product per point

void multiply_points(const WinogradBlock& block, const float* u, std::int64_t begin, std::int64_t end) {
  const UnitStrideShape& s = block.shape;
  const std::int64_t next = winograd_point_stride(s);
  for (std::int64_t point = begin; point < end; ++point) {
    const float* v = block.v + point * block.capacity * block.in_stride;
    float* m = block.m + point * block.capacity * block.out_stride;
    // The last panel can be 16 wide.
    const int whole = s.out / 32 * 32;
    if (whole > 0)
      multiply(v, u + point * next, std::int64_t{32} * s.in, m, block.tiles, whole, s.in,
               {block.in_stride, 1, 32, block.out_stride}, false);
    if (whole < s.out)
      multiply(v, u + point * next + std::int64_t{whole} * s.in, 0, m + whole, block.tiles, s.out - whole,
               s.in, {block.in_stride, 1, 16, block.out_stride}, false);
  }
}

/// Sums the tiles' values at the point (1, 1) in both directions, where a tile's transform is the sum of its
/// pixels.
void add_tile_sums(const WinogradBlock& block, const float* m, bool accumulate, float* sums) {
  const D d;
  for (int o = 0; o < block.shape.out; o += kLanes) {
    V sum = accumulate ? hn::LoadU(d, sums + o) : hn::Zero(d);
    for (std::int64_t tile = 0; tile < block.tiles; ++tile)
      sum = hn::Add(sum, hn::Load(d, m + tile * block.out_stride + o));
    hn::StoreU(sum, d, sums + o);
  }
}

void multiply_gradient_points(const WinogradBlock& block, bool accumulate, float* u, float* bias_gradient,
                              std::int64_t begin, std::int64_t end) {
  const UnitStrideShape& s = block.shape;
  const std::int64_t sum_point = winograd_tile(s.kernel) + s.kernel;  // row 1, column 1
  for (std::int64_t point = begin; point < end; ++point) {
    const float* m = block.m + point * block.capacity * block.out_stride;
    multiply(block.v + point * block.capacity * block.in_stride, m, 32, u + point * winograd_point_stride(s),
             s.in, s.out, block.tiles, {1, block.in_stride, block.out_stride, s.out}, accumulate);
    if (point == sum_point) add_tile_sums(block, m, accumulate, bias_gradient);
  }
}

int lanes() { return kLanes; }

// --- By kernel size

void transform_weights_any(const UnitStrideShape& s, const float* w, float* u, std::int64_t begin,
                           std::int64_t end) {
  s.kernel == 5 ? transform_weights<5>(s, w, u, begin, end) : transform_weights<3>(s, w, u, begin, end);
}
void restore_weights_any(const UnitStrideShape& s, const float* u, float* w, std::int64_t begin,
                         std::int64_t end) {
  s.kernel == 5 ? restore_weights<5>(s, u, w, begin, end) : restore_weights<3>(s, u, w, begin, end);
}
void transform_input_any(const WinogradBlock& block, const float* x, const float* gate, std::int64_t begin,
                         std::int64_t end) {
  block.shape.kernel == 5 ? transform_input<5>(block, x, gate, begin, end)
                          : transform_input<3>(block, x, gate, begin, end);
}
void transform_gradient_any(const WinogradBlock& block, const float* dy, const float* gate,
                            std::int64_t begin, std::int64_t end) {
  block.shape.kernel == 5 ? transform_gradient<5>(block, dy, gate, begin, end)
                          : transform_gradient<3>(block, dy, gate, begin, end);
}
void restore_output_any(const WinogradBlock& block, const float* bias, bool relu, float* y,
                        std::int64_t begin, std::int64_t end) {
  block.shape.kernel == 5 ? restore_output<5>(block, bias, relu, y, begin, end)
                          : restore_output<3>(block, bias, relu, y, begin, end);
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace alexnet::cpu
HWY_AFTER_NAMESPACE();
