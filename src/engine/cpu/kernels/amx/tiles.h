// Products of bf16 matrices on Intel's AMX tiles, and the rearrangements that bring operands into tiles.
//
// A tile holds 16 rows of 64 bytes. One instruction adds A B to C, with A = 16 rows of 32 bf16, B = 16 pairs
// of rows of 16 columns (the two values of a pair side by side), C = 16 x 16 float32. Sums are float32;
// numbers that float32 has only as denormals count as zero.
#pragma once

#include <cstddef>
#include <cstdint>

namespace alexnet::cpu {

/// Bits of a bf16 number: the upper half of a float32's.
using Bf16 = std::uint16_t;

/// Depth of one tile product, rows and columns of its result.
inline constexpr std::int64_t kTileDepth = 32, kTileSide = 16;
/// bf16 numbers in a tile.
inline constexpr std::int64_t kTileSize = kTileDepth * kTileSide;

constexpr std::int64_t rounded_up(std::int64_t count, std::int64_t unit) {
  return (count + unit - 1) / unit * unit;
}

/// Whether the system lets this process use a processor's tiles. False where there are none.
bool tiles_permitted();

/// While it lives, the calling thread's tiles are set up for multiply_tiles().
class TileScope {
 public:
  TileScope();
  ~TileScope();
  TileScope(const TileScope&) = delete;
  TileScope& operator=(const TileScope&) = delete;
};

/// Up to two tiles of rows times up to two tiles of columns: c[i][j] (+)= sum over steps of a[i] b[j]. In
/// step s, a[i] lies at a_steps[s] bytes behind a[i], its rows a_row bytes apart; the b[j] of all steps lie
/// one behind the other. a[1] or b[1] may be null: one tile only.
struct TileProduct {
  const Bf16* a[2];
  std::int64_t a_row;
  const std::int64_t* a_steps;
  std::int64_t steps;
  const Bf16* b[2];
  float* c[2][2];
  std::int64_t c_row;  // floats
  bool add;            // to what is there
};
void multiply_tiles(const TileProduct& product);

/// Multiply-adds per second are bounded by this loop: `rounds` times eight products of tiles in registers.
void multiply_tiles_in_registers(std::int64_t rounds);

/// Pixels of activations in blocks of 16 channels: pixel q lies at block + where[q]; where[q] < 0 stands for
/// zeros. Where `gate` is given, a tensor that lies like `block`, values count as zero where the gate's are
/// not positive.
struct Pixels {
  const float* block;
  const float* gate;  // or null
  const std::int32_t* where;
};

/// to[q][32]: 32 channels of each pixel, the upper 16 at `next` floats behind the first, or zeros for next =
/// 0.
void pack_pixels(const Pixels& pixels, std::int64_t next, std::int64_t count, Bf16* to);
/// to[q / 2][16][2]: pairs of 32 pixels. The sum over the pixels goes to sums[16], unless that is null.
void pack_pairs(const Pixels& pixels, Bf16* to, float* sums);
/// to[channel][q]: 32 pixels of 16 channels, `row` numbers between channels.
void pack_rows(const Pixels& pixels, Bf16* to, std::int64_t row);

/// to[k / 2][16][2] from rows k < depth of 16 floats, `row` floats apart; zeros up to a multiple of 32 rows.
void pack_columns(const float* from, std::int64_t row, std::int64_t depth, Bf16* to);
/// The same with rows and columns exchanged: to[k / 2][r][2] = from[r * row + k] for r < rows <= 16, k <
/// depth; zeros up to 16 rows and a multiple of 32 in depth.
void pack_columns_of_rows(const float* from, std::int64_t row, std::int64_t rows, std::int64_t depth,
                          Bf16* to);
/// to[r][k] = from[r * row + k] for r < rows, k < depth, with zeros up to a multiple of 32 in depth.
void round_rows(const float* from, std::int64_t row, std::int64_t rows, std::int64_t depth, Bf16* to,
                std::int64_t to_row);
/// to[k][r] = from[r * row + k] for r < rows, k < 16, with zeros up to a multiple of 32 rows.
void round_transposed(const float* from, std::int64_t row, std::int64_t rows, Bf16* to, std::int64_t to_row);

/// y[q] = max(min, c[q] + bias) for 16 pixels of 16 channels, as far as where[q] >= 0. bias may be null.
void write_pixels(const float* c, const float* bias, float min, const std::int32_t* where, float* y);

/// Copies rows of whole lines past the caches: `columns` is a multiple of 16, the rows of `to` are aligned to
/// 64 bytes.
void stream_rows(const float* from, std::int64_t from_row, std::int64_t rows, std::int64_t columns, float* to,
                 std::int64_t to_row);

}  // namespace alexnet::cpu
