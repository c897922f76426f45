#include "engine/cpu/kernels/amx/tiles.h"

// GCC 12 warns of its own header's deliberately undefined vectors.
#pragma GCC diagnostic ignored "-Wuninitialized"
#if !defined(__clang__)  // which does not know the second
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include <immintrin.h>
#include <sys/syscall.h>
#include <unistd.h>

// This file's functions are compiled for processors that have AMX, whatever the rest is compiled for.
#define ALEXNET_AMX __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512bf16,amx-tile,amx-bf16")))

namespace alexnet::cpu {
namespace {

/// As the instruction wants it: palette 1, 16 rows of 64 bytes in all eight tiles.
struct alignas(64) TileConfiguration {
  std::uint8_t palette = 1, start_row = 0, reserved[14] = {};
  std::uint16_t row_bytes[16] = {64, 64, 64, 64, 64, 64, 64, 64};
  std::uint8_t rows[16] = {16, 16, 16, 16, 16, 16, 16, 16};
};
constexpr TileConfiguration kConfiguration;

ALEXNET_AMX void set_up() { _tile_loadconfig(&kConfiguration); }
ALEXNET_AMX void release() { _tile_release(); }

template <bool kTwoRows, bool kTwoColumns>
ALEXNET_AMX void multiply(const TileProduct& p) {
  const std::int64_t c_row = p.c_row * 4;
  if (p.add) {
    _tile_loadd(0, p.c[0][0], c_row);
    if constexpr (kTwoColumns) _tile_loadd(1, p.c[0][1], c_row);
    if constexpr (kTwoRows) _tile_loadd(2, p.c[1][0], c_row);
    if constexpr (kTwoRows && kTwoColumns) _tile_loadd(3, p.c[1][1], c_row);
  } else {
    _tile_zero(0);
    _tile_zero(1);
    _tile_zero(2);
    _tile_zero(3);
  }
  const auto* a0 = reinterpret_cast<const std::byte*>(p.a[0]);
  const auto* a1 = reinterpret_cast<const std::byte*>(p.a[1]);
  for (std::int64_t s = 0; s < p.steps; ++s) {
    const std::int64_t at = p.a_steps[s];
    _tile_loadd(6, p.b[0] + s * kTileSize, 64);
    _tile_loadd(4, a0 + at, p.a_row);
    _tile_dpbf16ps(0, 4, 6);
    if constexpr (kTwoColumns) {
      _tile_loadd(7, p.b[1] + s * kTileSize, 64);
      _tile_dpbf16ps(1, 4, 7);
    }
    if constexpr (kTwoRows) {
      _tile_loadd(5, a1 + at, p.a_row);
      _tile_dpbf16ps(2, 5, 6);
    }
    if constexpr (kTwoRows && kTwoColumns) _tile_dpbf16ps(3, 5, 7);
  }
  _tile_stored(0, p.c[0][0], c_row);
  if constexpr (kTwoColumns) _tile_stored(1, p.c[0][1], c_row);
  if constexpr (kTwoRows) _tile_stored(2, p.c[1][0], c_row);
  if constexpr (kTwoRows && kTwoColumns) _tile_stored(3, p.c[1][1], c_row);
}

/// 16 channels of one pixel.
ALEXNET_AMX inline __m512 pixel(const Pixels& from, std::int64_t q, std::int64_t next) {
  const std::int32_t at = from.where[q];
  if (at < 0) return _mm512_setzero_ps();
  const __m512 values = _mm512_loadu_ps(from.block + at + next);
  if (from.gate == nullptr) return values;
  const __mmask16 open =
      _mm512_cmp_ps_mask(_mm512_loadu_ps(from.gate + at + next), _mm512_setzero_ps(), _CMP_GT_OQ);
  return _mm512_maskz_mov_ps(open, values);
}

/// low[i] and high[i] side by side.
ALEXNET_AMX inline __m512i pair(__m512 low, __m512 high) {
  const __m512i low_bits = _mm512_cvtepu16_epi32(reinterpret_cast<__m256i>(_mm512_cvtneps_pbh(low)));
  const __m512i high_bits = _mm512_cvtepu16_epi32(reinterpret_cast<__m256i>(_mm512_cvtneps_pbh(high)));
  return _mm512_or_si512(low_bits, _mm512_slli_epi32(high_bits, 16));
}

/// low, then high.
ALEXNET_AMX inline __m512i join(__m512 low, __m512 high) {
  return reinterpret_cast<__m512i>(_mm512_cvtne2ps_pbh(high, low));
}

ALEXNET_AMX inline void transpose(__m512i (&r)[16]) {
  __m512i t[16];
  for (int i = 0; i < 8; ++i) {
    t[2 * i] = _mm512_unpacklo_epi32(r[2 * i], r[2 * i + 1]);
    t[2 * i + 1] = _mm512_unpackhi_epi32(r[2 * i], r[2 * i + 1]);
  }
  for (int i = 0; i < 4; ++i) {
    r[4 * i] = _mm512_unpacklo_epi64(t[4 * i], t[4 * i + 2]);
    r[4 * i + 1] = _mm512_unpackhi_epi64(t[4 * i], t[4 * i + 2]);
    r[4 * i + 2] = _mm512_unpacklo_epi64(t[4 * i + 1], t[4 * i + 3]);
    r[4 * i + 3] = _mm512_unpackhi_epi64(t[4 * i + 1], t[4 * i + 3]);
  }
  // r[4 g + c], 128 bits l: column 4 l + c of rows 4 g to 4 g + 3.
  for (int c = 0; c < 4; ++c) {
    const __m512i a = _mm512_shuffle_i32x4(r[c], r[4 + c], 0x88),
                  b = _mm512_shuffle_i32x4(r[c], r[4 + c], 0xDD);
    const __m512i d = _mm512_shuffle_i32x4(r[8 + c], r[12 + c], 0x88),
                  e = _mm512_shuffle_i32x4(r[8 + c], r[12 + c], 0xDD);
    t[c] = _mm512_shuffle_i32x4(a, d, 0x88);
    t[8 + c] = _mm512_shuffle_i32x4(a, d, 0xDD);
    t[4 + c] = _mm512_shuffle_i32x4(b, e, 0x88);
    t[12 + c] = _mm512_shuffle_i32x4(b, e, 0xDD);
  }
  for (int i = 0; i < 16; ++i) r[i] = t[i];
}

__mmask16 first(std::int64_t count) {
  return count >= 16  ? __mmask16{0xFFFF}
         : count <= 0 ? __mmask16{0}
                      : static_cast<__mmask16>((1U << count) - 1U);
}

/// 32 floats of a row, zeros behind `count`.
ALEXNET_AMX inline __m512i rounded(const float* from, std::int64_t count) {
  return join(_mm512_maskz_loadu_ps(first(count), from), _mm512_maskz_loadu_ps(first(count - 16), from + 16));
}

}  // namespace

bool tiles_permitted() {
  constexpr int kRequestPermission = 0x1023, kTileData = 18;  // of arch_prctl, since Linux 5.16
  static const bool granted = syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
  return granted;
}

TileScope::TileScope() { set_up(); }
TileScope::~TileScope() { release(); }

void multiply_tiles(const TileProduct& p) {
  // Loading a tile does not tell the compiler that it reads memory.
  __asm__ volatile("" ::: "memory");
  const bool two_rows = p.a[1] != nullptr, two_columns = p.b[1] != nullptr;
  if (two_rows)
    two_columns ? multiply<true, true>(p) : multiply<true, false>(p);
  else
    two_columns ? multiply<false, true>(p) : multiply<false, false>(p);
}

ALEXNET_AMX void multiply_tiles_in_registers(std::int64_t rounds) {
  _tile_zero(0);
  _tile_zero(1);
  _tile_zero(2);
  _tile_zero(3);
  _tile_zero(4);
  _tile_zero(5);
  for (std::int64_t i = 0; i < rounds; ++i) {
    _tile_dpbf16ps(0, 4, 5);
    _tile_dpbf16ps(1, 4, 5);
    _tile_dpbf16ps(2, 4, 5);
    _tile_dpbf16ps(3, 4, 5);
    _tile_dpbf16ps(0, 4, 5);
    _tile_dpbf16ps(1, 4, 5);
    _tile_dpbf16ps(2, 4, 5);
    _tile_dpbf16ps(3, 4, 5);
  }
}

ALEXNET_AMX void pack_pixels(const Pixels& pixels, std::int64_t next, std::int64_t count, Bf16* to) {
  for (std::int64_t q = 0; q < count; ++q)
    _mm512_store_si512(to + q * kTileDepth,
                       join(pixel(pixels, q, 0), next != 0 ? pixel(pixels, q, next) : _mm512_setzero_ps()));
}

ALEXNET_AMX void pack_pairs(const Pixels& pixels, Bf16* to, float* sums) {
  __m512 sum = _mm512_setzero_ps();
  for (std::int64_t q = 0; q < kTileDepth; q += 2) {
    const __m512 even = pixel(pixels, q, 0), odd = pixel(pixels, q + 1, 0);
    sum = _mm512_add_ps(sum, _mm512_add_ps(even, odd));
    _mm512_store_si512(to + q * kTileSide, pair(even, odd));
  }
  if (sums != nullptr) _mm512_storeu_ps(sums, sum);
}

ALEXNET_AMX void pack_rows(const Pixels& pixels, Bf16* to, std::int64_t row) {
  __m512i pairs[16];
  for (std::int64_t i = 0; i < 16; ++i) pairs[i] = pair(pixel(pixels, 2 * i, 0), pixel(pixels, 2 * i + 1, 0));
  transpose(pairs);
  for (std::int64_t c = 0; c < 16; ++c) _mm512_storeu_si512(to + c * row, pairs[c]);
}

ALEXNET_AMX void pack_columns(const float* from, std::int64_t row, std::int64_t depth, Bf16* to) {
  const std::int64_t whole = (depth + kTileDepth - 1) / kTileDepth * kTileDepth;
  for (std::int64_t k = 0; k < whole; k += 2) {
    const __m512 even = _mm512_maskz_loadu_ps(first(k < depth ? 16 : 0), from + k * row);
    const __m512 odd = _mm512_maskz_loadu_ps(first(k + 1 < depth ? 16 : 0), from + (k + 1) * row);
    _mm512_store_si512(to + k * kTileSide, pair(even, odd));
  }
}

ALEXNET_AMX void pack_columns_of_rows(const float* from, std::int64_t row, std::int64_t rows,
                                      std::int64_t depth, Bf16* to) {
  for (std::int64_t k = 0; k < depth; k += kTileDepth) {
    __m512i lines[16];
    for (std::int64_t r = 0; r < 16; ++r)
      lines[r] = r < rows ? rounded(from + r * row + k, depth - k) : _mm512_setzero_si512();
    transpose(lines);
    for (std::int64_t i = 0; i < 16; ++i) _mm512_store_si512(to + k * kTileSide + i * kTileDepth, lines[i]);
  }
}

ALEXNET_AMX void round_rows(const float* from, std::int64_t row, std::int64_t rows, std::int64_t depth,
                            Bf16* to, std::int64_t to_row) {
  for (std::int64_t r = 0; r < rows; ++r)
    for (std::int64_t k = 0; k < depth; k += kTileDepth)
      _mm512_storeu_si512(to + r * to_row + k, rounded(from + r * row + k, depth - k));
}

ALEXNET_AMX void round_transposed(const float* from, std::int64_t row, std::int64_t rows, Bf16* to,
                                  std::int64_t to_row) {
  for (std::int64_t r = 0; r < rows; r += kTileDepth) {
    __m512i pairs[16];
    for (std::int64_t i = 0; i < 16; ++i) {
      const std::int64_t even = r + 2 * i;
      pairs[i] = pair(_mm512_maskz_loadu_ps(first(even < rows ? 16 : 0), from + even * row),
                      _mm512_maskz_loadu_ps(first(even + 1 < rows ? 16 : 0), from + (even + 1) * row));
    }
    transpose(pairs);
    for (std::int64_t k = 0; k < 16; ++k) _mm512_storeu_si512(to + k * to_row + r, pairs[k]);
  }
}

ALEXNET_AMX void write_pixels(const float* c, const float* bias, float min, const std::int32_t* where,
                              float* y) {
  const __m512 add = bias != nullptr ? _mm512_loadu_ps(bias) : _mm512_setzero_ps(),
               floor = _mm512_set1_ps(min);
  for (std::int64_t q = 0; q < kTileSide; ++q)
    if (where[q] >= 0)  // max() returns its second operand where one is NaN
      _mm512_storeu_ps(y + where[q],
                       _mm512_max_ps(floor, _mm512_add_ps(_mm512_load_ps(c + q * kTileSide), add)));
}

ALEXNET_AMX void stream_rows(const float* from, std::int64_t from_row, std::int64_t rows,
                             std::int64_t columns, float* to, std::int64_t to_row) {
  for (std::int64_t r = 0; r < rows; ++r)
    for (std::int64_t i = 0; i < columns; i += 16)
      _mm512_stream_ps(to + r * to_row + i, _mm512_loadu_ps(from + r * from_row + i));
  _mm_sfence();  // such stores are in no order with what tells other threads of them
}

}  // namespace alexnet::cpu
