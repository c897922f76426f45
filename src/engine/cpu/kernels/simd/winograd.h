// What Winograd convolution asks of the instruction set: one function per phase, each over a range of tiles
// or points.
#pragma once

#include <cstdint>

#include "engine/cpu/kernels/simd/unit_stride_shape.h"

namespace alexnet::cpu {

/// How the images of a batch are laid on canvases and cut into tiles.
struct WinogradTiling {
  int rows = 1, columns = 1;             // images on a canvas
  int tiles_down = 0, tiles_across = 0;  // of a canvas
  std::int64_t tiles = 0;                // of the batch
};

/// One block of tiles of one convolution, as the kernels see it. `points` = (m + r - 1)^2.
struct WinogradBlock {
  UnitStrideShape shape;
  WinogradTiling tiling;
  std::int64_t first_tile = 0;
  int tiles = 0;                      // in this block
  int capacity = 0;                   // tiles a block has room for
  int in_stride = 0, out_stride = 0;  // floats between tiles in v and m
  float* v = nullptr;                 // [points][capacity][in_stride]
  float* m = nullptr;                 // [points][capacity][out_stride]
};

/// w [k][k][in][out] -> u [points][out / 32][in][32], for input channels [begin, end).
void winograd_transform_weights(const UnitStrideShape& shape, const float* w, float* u, std::int64_t begin,
                                std::int64_t end);
/// u [points][in][out] -> w [k][k][in][out], for input channels [begin, end).
void winograd_restore_weights(const UnitStrideShape& shape, const float* u, float* w, std::int64_t begin,
                              std::int64_t end);
/// x -> v, for tiles [begin, end) of the block; x counts as zero where the gate (null: everywhere open) is
/// not positive.
void winograd_transform_input(const WinogradBlock& block, const float* x, const float* gate,
                              std::int64_t begin, std::int64_t end);
/// y gradient -> m, for tiles [begin, end) of the block; the gate as above.
void winograd_transform_gradient(const WinogradBlock& block, const float* dy, const float* gate,
                                 std::int64_t begin, std::int64_t end);
/// m -> y, for tiles [begin, end) of the block.
void winograd_restore_output(const WinogradBlock& block, const float* bias, bool relu, float* y,
                             std::int64_t begin, std::int64_t end);
/// m = v u, for points [begin, end).
void winograd_multiply(const WinogradBlock& block, const float* u, std::int64_t begin, std::int64_t end);
/// u = v^T m (u += with `accumulate`), for points [begin, end); u [points][in][out]. The point that is the
/// sum of its tile gives bias_gradient [out].
void winograd_multiply_gradient(const WinogradBlock& block, bool accumulate, float* u, float* bias_gradient,
                                std::int64_t begin, std::int64_t end);

/// Floats from a point of the transformed weights u to the next: a line more than there are, because the
/// transforms touch all points in turn and powers of two would put them into the same sets of the caches.
inline std::int64_t winograd_point_stride(const UnitStrideShape& shape) {
  return std::int64_t{shape.in} * shape.out + 16;
}

/// Floats of a vector, as these kernels use them: blocks of fewer channels are not for them.
int winograd_lanes();

/// Output tile side m for a kernel of side r.
constexpr int winograd_tile(int kernel) { return kernel == 5 ? 4 : 6; }
constexpr int winograd_points(int kernel) {
  const int side = winograd_tile(kernel) + kernel - 1;
  return side * side;
}

}  // namespace alexnet::cpu
