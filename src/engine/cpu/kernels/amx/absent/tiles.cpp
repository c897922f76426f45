// For processors that never have tiles.
#include "engine/cpu/kernels/amx/tiles.h"

namespace alexnet::cpu {

// Nothing asks for the rest, because:
bool tiles_permitted() { return false; }

TileScope::TileScope() = default;
TileScope::~TileScope() = default;
void multiply_tiles(const TileProduct&) {}
void multiply_tiles_in_registers(std::int64_t) {}
void pack_pixels(const Pixels&, std::int64_t, std::int64_t, Bf16*) {}
void pack_pairs(const Pixels&, Bf16*, float*) {}
void pack_rows(const Pixels&, Bf16*, std::int64_t) {}
void pack_columns(const float*, std::int64_t, std::int64_t, Bf16*) {}
void pack_columns_of_rows(const float*, std::int64_t, std::int64_t, std::int64_t, Bf16*) {}
void round_rows(const float*, std::int64_t, std::int64_t, std::int64_t, Bf16*, std::int64_t) {}
void round_transposed(const float*, std::int64_t, std::int64_t, Bf16*, std::int64_t) {}
void write_pixels(const float*, const float*, float, const std::int32_t*, float*) {}
void stream_rows(const float*, std::int64_t, std::int64_t, std::int64_t, float*, std::int64_t) {}

}  // namespace alexnet::cpu
