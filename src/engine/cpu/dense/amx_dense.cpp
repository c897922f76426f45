#include "engine/cpu/dense/amx_dense.h"

#include <algorithm>
#include <cstring>

#include "base/parallel.h"
#include "engine/cpu/kernels/amx/tiles.h"

namespace alexnet::cpu {
namespace {

// What a thread rounds at a time, so that it stays in the outer cache: 32 units by so many inputs, and so
// many inputs by so many units. A line more keeps rows out of one set of the cache.
constexpr std::int64_t kDeep = 2048, kDeepRow = kDeep + kTileDepth, kWide = 256, kHigh = 512;
constexpr std::int64_t kSums = kTileSide * kTileSide;

constexpr std::int64_t tiles(std::int64_t count) { return (count + kTileSide - 1) / kTileSide; }

/// Step s of a product begins 32 numbers behind step s - 1.
struct Steps {
  std::int64_t at[kDeep / kTileDepth];
  constexpr Steps() : at() {
    for (std::int64_t s = 0; s < kDeep / kTileDepth; ++s) at[s] = s * kTileDepth * 2;
  }
};
constexpr Steps kSteps;

/// Rows of weights as they go into tiles, with zeros up to a multiple of 32 in depth.
void take_rows(const WeightRows& weights, std::int64_t at, std::int64_t row, std::int64_t rows,
               std::int64_t depth, Bf16* to) {
  if (const auto* floats = std::get_if<const float*>(&weights)) {
    round_rows(*floats + at, row, rows, depth, to, kDeepRow);
    return;
  }
  for (std::int64_t r = 0; r < rows; ++r) {
    std::memcpy(to + r * kDeepRow, std::get<const hwy::bfloat16_t*>(weights) + at + r * row,
                static_cast<std::size_t>(depth) * sizeof(Bf16));
    std::fill(to + r * kDeepRow + depth, to + r * kDeepRow + rounded_up(depth, kTileDepth), Bf16{0});
  }
}

}  // namespace

AmxDense::AmxDense(std::size_t batch, std::size_t in, std::size_t units, std::size_t x_row, std::size_t y_row)
    : batch_(static_cast<std::int64_t>(batch)),
      in_(static_cast<std::int64_t>(in)),
      units_(static_cast<std::int64_t>(units)),
      x_row_(static_cast<std::int64_t>(x_row)),
      y_row_(static_cast<std::int64_t>(y_row)),
      members_(thread_count()) {}

std::size_t AmxDense::workspace_size() const {
  const std::int64_t per_member = kTileDepth * kDeepRow / 2 + 2 * tiles(batch_) * kSums;
  return static_cast<std::size_t>(tiles(batch_) * rounded_up(in_, kTileDepth) * kTileSide / 2 +
                                  members_ * per_member);
}

std::size_t AmxDense::gradient_workspace_size() const {
  const std::int64_t data = tiles(batch_) * kTileSide * rounded_up(units_, kTileDepth) / 2 +
                            members_ * (kWide * kHigh / 2 + tiles(batch_) * kTileSide * kWide);
  const std::int64_t parameters =
      rounded_up(batch_, kTileDepth) * (tiles(units_) + tiles(in_)) * kTileSide / 2 +
      members_ * kTileDepth * kWide;
  return static_cast<std::size_t>(std::max(data, parameters));
}

// Units are the rows of the product, so that weights are rounded and no more; the batch, which is small, is
// what is rearranged.
void AmxDense::forward(const float* x, const WeightRows& weights, float* y, float* workspace) const {
  const std::int64_t blocks = tiles(batch_), depth = rounded_up(in_, kTileDepth);
  auto* columns = reinterpret_cast<Bf16*>(workspace);
  float* rest = workspace + blocks * depth * kTileSide / 2;
  parallel_for(blocks, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t b = begin; b < end; ++b)
      pack_columns_of_rows(x + b * kTileSide * x_row_, x_row_, std::min(kTileSide, batch_ - b * kTileSide),
                           in_, columns + b * depth * kTileSide);
  });
  parallel_for((units_ + 31) / 32, 1, members_, [&](std::int64_t begin, std::int64_t end, int member) {
    const TileScope set_up;
    float* sums = rest + member * (kTileDepth * kDeepRow / 2 + 2 * blocks * kSums);
    auto* rows = reinterpret_cast<Bf16*>(sums + 2 * blocks * kSums);
    for (std::int64_t u = begin * 32; u < std::min(end * 32, units_); u += 32) {
      const std::int64_t units = std::min<std::int64_t>(32, units_ - u);
      for (std::int64_t i = 0; i < in_; i += kDeep) {
        const std::int64_t deep = std::min(kDeep, in_ - i);
        take_rows(weights, u * in_ + i, in_, units, deep, rows);
        for (std::int64_t b = 0; b < blocks; b += 2) {
          const Bf16* right = columns + (b * depth + i) * kTileSide;
          float* to = sums + b * kSums;
          multiply_tiles({{rows, units > kTileSide ? rows + kTileSide * kDeepRow : nullptr},
                          kDeepRow * 2,
                          kSteps.at,
                          rounded_up(deep, kTileDepth) / kTileDepth,
                          {right, b + 1 < blocks ? right + depth * kTileSide : nullptr},
                          {{to, to + kSums}, {to + blocks * kSums, to + (blocks + 1) * kSums}},
                          kTileSide,
                          i > 0});
        }
      }
      for (std::int64_t b = 0; b < batch_; ++b)
        for (std::int64_t j = 0; j < units; ++j)
          y[b * y_row_ + u + j] = sums[(j / kTileSide * blocks + b / kTileSide) * kSums +
                                       j % kTileSide * kTileSide + b % kTileSide];
    }
  });
}

void AmxDense::backward_data(const float* y_gradient, const float* weights, float* x_gradient,
                             float* workspace) const {
  const std::int64_t blocks = tiles(batch_), depth = rounded_up(units_, kTileDepth);
  auto* rows = reinterpret_cast<Bf16*>(workspace);
  float* rest = workspace + blocks * kTileSide * depth / 2;
  parallel_for(batch_, 8, [&](std::int64_t begin, std::int64_t end) {
    round_rows(y_gradient + begin * y_row_, y_row_, end - begin, units_, rows + begin * depth, depth);
  });
  parallel_for((in_ / 16 + kWide / 16 - 1) / (kWide / 16), 1, members_,
               [&](std::int64_t begin, std::int64_t end, int member) {
                 const TileScope set_up;
                 float* sums = rest + member * (kWide * kHigh / 2 + blocks * kTileSide * kWide);
                 auto* columns = reinterpret_cast<Bf16*>(sums + blocks * kTileSide * kWide);
                 for (std::int64_t first = begin * (kWide / 16);
                      first < std::min(end * (kWide / 16), in_ / 16); first += kWide / 16) {
                   const std::int64_t wide = std::min(kWide / 16, in_ / 16 - first);
                   for (std::int64_t u = 0; u < units_; u += kHigh) {
                     const std::int64_t high = std::min(kHigh, units_ - u);
                     for (std::int64_t i = 0; i < wide; ++i)
                       pack_columns(weights + u * in_ + (first + i) * 16, in_, high,
                                    columns + i * kHigh * 16);
                     for (std::int64_t b = 0; b < blocks; b += 2)
                       for (std::int64_t i = 0; i < wide; i += 2) {
                         const Bf16* left = rows + b * kTileSide * depth + u;
                         const Bf16* right = columns + i * kHigh * 16;
                         float* to = sums + b * kTileSide * kWide + i * 16;
                         float* below = to + kTileSide * kWide;
                         multiply_tiles({{left, b + 1 < blocks ? left + kTileSide * depth : nullptr},
                                         depth * 2,
                                         kSteps.at,
                                         rounded_up(high, kTileDepth) / kTileDepth,
                                         {right, i + 1 < wide ? right + kHigh * 16 : nullptr},
                                         {{to, to + 16}, {below, below + 16}},
                                         kWide,
                                         u > 0});
                       }
                   }
                   for (std::int64_t b = 0; b < batch_; ++b)
                     std::copy_n(sums + b * kWide, wide * 16, x_gradient + b * x_row_ + first * 16);
                 }
               });
}

void AmxDense::backward_weights(const float* x, const float* y_gradient, float* weights_gradient,
                                float* workspace) const {
  const std::int64_t depth = rounded_up(batch_, kTileDepth), in_tiles = tiles(in_);
  auto* rows = reinterpret_cast<Bf16*>(workspace);
  auto* columns = rows + tiles(units_) * kTileSide * depth;
  float* rest = reinterpret_cast<float*>(columns + in_tiles * kTileSide * depth);
  parallel_for(tiles(units_), 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t u = begin; u < end; ++u)
      round_transposed(y_gradient + u * kTileSide, y_row_, batch_, rows + u * kTileSide * depth, depth);
  });
  parallel_for(in_tiles, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i)
      pack_columns(x + i * kTileSide, x_row_, batch_, columns + i * kTileSide * depth);
  });
  parallel_for((units_ + 31) / 32, 1, members_, [&](std::int64_t begin, std::int64_t end, int member) {
    const TileScope set_up;
    float* sums = rest + member * kTileDepth * kWide;
    for (std::int64_t u = begin * 32; u < std::min(end * 32, units_); u += 32) {
      const std::int64_t units = std::min<std::int64_t>(32, units_ - u);
      for (std::int64_t first = 0; first < in_; first += kWide) {
        const std::int64_t wide = std::min(kWide, in_ - first);
        for (std::int64_t i = 0; i < wide; i += 32)
          for (std::int64_t b = 0; b < depth; b += kDeep) {
            const Bf16* left = rows + u * depth + b;
            const Bf16* right = columns + (first + i) * depth + b * kTileSide;
            float* to = sums + i;
            float* below = to + kTileSide * kWide;
            multiply_tiles({{left, units > kTileSide ? left + kTileSide * depth : nullptr},
                            depth * 2,
                            kSteps.at,
                            std::min(kDeep, depth - b) / kTileDepth,
                            {right, i + kTileSide < wide ? right + kTileSide * depth : nullptr},
                            {{to, to + 16}, {below, below + 16}},
                            kWide,
                            b > 0});
          }
        float* to = weights_gradient + u * in_ + first;
        if (in_ % 16 == 0)
          stream_rows(sums, kWide, units, wide, to, in_);
        else
          for (std::int64_t j = 0; j < units; ++j) std::copy_n(sums + j * kWide, wide, to + j * in_);
      }
    }
  });
}

}  // namespace alexnet::cpu
