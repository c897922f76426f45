#include "engine/cpu/convolution/winograd.h"

#include <algorithm>

#include "base/parallel.h"
#include "engine/cpu/kernels/simd/winograd.h"

namespace alexnet::cpu {
namespace {

// Tiles computed at a time: enough that reading the transformed weights once per block costs little, few
// enough that the block's work space stays in the outer cache. A multiple of the 14 rows of the matrix
// kernel.
constexpr int kBlockTiles = 112;
// Tiles, and channels of weights, that a thread takes at a time.
constexpr int kTilesAtOnce = 8;
constexpr int kChannelsAtOnce = 8;

// One more line of 16 floats between tiles keeps power-of-two channel counts from falling into the same cache
// sets.
constexpr int kStrideGap = 16;

WinogradTiling best_tiling(const UnitStrideShape& shape) {
  const int m = winograd_tile(shape.kernel);
  // What the last image's windows do not need of the period after it.
  const int down_rest = shape.row_period() - shape.out_height(),
            across_rest = shape.column_period() - shape.out_width();
  WinogradTiling best;
  const auto consider = [&](int rows, int columns) {
    WinogradTiling t{rows, columns};
    t.tiles_down = (rows * shape.row_period() - down_rest + m - 1) / m;
    t.tiles_across = (columns * shape.column_period() - across_rest + m - 1) / m;
    const std::int64_t canvases = (shape.batch + rows * columns - 1) / (rows * columns);
    t.tiles = canvases * t.tiles_down * t.tiles_across;
    if (best.tiles == 0 || t.tiles < best.tiles) best = t;
  };
  for (int rows = 1; rows <= std::min(shape.batch, m); ++rows) {
    for (int columns = 1; columns <= m; ++columns) consider(rows, columns);
    consider(rows, (shape.batch + rows - 1) / rows);
  }
  return best;
}

}  // namespace

WinogradConvolution::WinogradConvolution(const UnitStrideShape& shape)
    : UnitStrideAlgorithm(shape),
      tiling_(best_tiling(shape)),
      block_(static_cast<int>(std::min<std::int64_t>(kBlockTiles, tiling_.tiles))) {}

double WinogradConvolution::multiplication_share() const {
  const double direct = static_cast<double>(shape_.batch) * shape_.out_height() * shape_.out_width() *
                        shape_.kernel * shape_.kernel;
  return static_cast<double>(tiling_.tiles) * winograd_points(shape_.kernel) / direct;
}

std::size_t WinogradConvolution::transformed_size() const {
  return static_cast<std::size_t>(winograd_points(shape_.kernel)) *
         static_cast<std::size_t>(winograd_point_stride(shape_));
}

std::size_t WinogradConvolution::workspace_size() const {
  return static_cast<std::size_t>(winograd_points(shape_.kernel)) * static_cast<std::size_t>(block_) *
         static_cast<std::size_t>(shape_.in + shape_.out + 2 * kStrideGap);
}

void WinogradConvolution::transform_weights(const float* weights, float* transformed) const {
  parallel_parts(shape_.in, kChannelsAtOnce, [&](std::int64_t begin, std::int64_t end) {
    winograd_transform_weights(shape_, weights, transformed, begin, end);
  });
}

namespace {

/// Calls body(block) for every block of tiles of the batch.
template <class Body>
void for_each_block(const UnitStrideShape& shape, const WinogradTiling& tiling, int capacity,
                    float* workspace, Body&& body) {
  WinogradBlock block{shape, tiling};
  block.capacity = capacity;
  block.in_stride = shape.in + kStrideGap;
  block.out_stride = shape.out + kStrideGap;
  block.v = workspace;
  block.m = workspace + static_cast<std::size_t>(winograd_points(shape.kernel)) *
                            static_cast<std::size_t>(capacity) * static_cast<std::size_t>(block.in_stride);
  for (; block.first_tile < tiling.tiles; block.first_tile += capacity) {
    block.tiles = static_cast<int>(std::min<std::int64_t>(capacity, tiling.tiles - block.first_tile));
    body(block);
  }
}

}  // namespace

void WinogradConvolution::forward(const float* x, const float* gate, const float* transformed,
                                  const float* bias, bool relu, float* y, float* workspace) const {
  for_each_block(shape_, tiling_, block_, workspace, [&](const WinogradBlock& block) {
    parallel_parts(block.tiles, kTilesAtOnce, [&](std::int64_t begin, std::int64_t end) {
      winograd_transform_input(block, x, gate, begin, end);
    });
    parallel_parts(winograd_points(shape_.kernel), 1, [&](std::int64_t begin, std::int64_t end) {
      winograd_multiply(block, transformed, begin, end);
    });
    parallel_parts(block.tiles, kTilesAtOnce, [&](std::int64_t begin, std::int64_t end) {
      winograd_restore_output(block, bias, relu, y, begin, end);
    });
  });
}

void WinogradConvolution::backward_weights(const float* x, const float* y_gradient, const float* gate,
                                           float* weights_gradient, float* bias_gradient,
                                           float* workspace) const {
  float* transformed = workspace;
  for_each_block(shape_, tiling_, block_, workspace + transformed_size(), [&](const WinogradBlock& block) {
    parallel_parts(block.tiles, kTilesAtOnce, [&](std::int64_t begin, std::int64_t end) {
      winograd_transform_input(block, x, nullptr, begin, end);
      winograd_transform_gradient(block, y_gradient, gate, begin, end);
    });
    const bool accumulate = block.first_tile > 0;
    parallel_parts(winograd_points(shape_.kernel), 1, [&](std::int64_t begin, std::int64_t end) {
      winograd_multiply_gradient(block, accumulate, transformed, bias_gradient, begin, end);
    });
  });
  parallel_parts(shape_.in, kChannelsAtOnce, [&](std::int64_t begin, std::int64_t end) {
    winograd_restore_weights(shape_, transformed, weights_gradient, begin, end);
  });
}

}  // namespace alexnet::cpu
