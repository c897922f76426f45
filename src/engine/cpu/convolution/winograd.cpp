#include "engine/cpu/convolution/winograd.h"

#include <algorithm>

#include "base/compute_team.h"
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
/// Blocks that are in work at the same time, and the distance of their stages (parallel_pipeline()).
struct Overlap {
  std::int64_t blocks, distance;
};
// While the last parts of one block are computed, the next ones are begun, so that nobody waits for a thread
// whose processor does something else.
//   forward: what a stage reads or overwrites was done with two phases before;
//   backward: products are added to those of the block before, in order.
constexpr Overlap kForward{2, 2}, kBackward{3, 2};

/// Where no other program computes, work space of one block that stays in the caches is worth more.
Overlap overlap_now(const Overlap& most) { return processors_are_shared() ? most : Overlap{1, 0}; }

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
      block_(static_cast<int>(std::min<std::int64_t>(kBlockTiles, tiling_.tiles))),
      blocks_((tiling_.tiles + block_ - 1) / block_) {}

double WinogradConvolution::multiplication_fraction() const {
  const double direct = static_cast<double>(shape_.batch) * shape_.out_height() * shape_.out_width() *
                        shape_.kernel * shape_.kernel;
  return static_cast<double>(tiling_.tiles) * winograd_points(shape_.kernel) / direct;
}

std::size_t WinogradConvolution::transformed_size() const {
  return static_cast<std::size_t>(winograd_points(shape_.kernel)) *
         static_cast<std::size_t>(winograd_point_stride(shape_));
}

std::size_t WinogradConvolution::block_size() const {
  return static_cast<std::size_t>(winograd_points(shape_.kernel)) * static_cast<std::size_t>(block_) *
         static_cast<std::size_t>(shape_.in + shape_.out + 2 * kStrideGap);
}

std::size_t WinogradConvolution::workspace_size() const {
  return static_cast<std::size_t>(std::min(kForward.blocks, blocks_)) * block_size();
}

std::size_t WinogradConvolution::gradient_workspace_size() const {
  return transformed_size() + static_cast<std::size_t>(std::min(kBackward.blocks, blocks_)) * block_size();
}

void WinogradConvolution::transform_weights(const float* weights, float* transformed) const {
  parallel_for(shape_.in, kChannelsAtOnce, [&](std::int64_t begin, std::int64_t end) {
    winograd_transform_weights(shape_, weights, transformed, begin, end);
  });
}

WinogradBlock WinogradConvolution::block(std::int64_t index, std::int64_t at_once, float* workspace) const {
  WinogradBlock block{shape_, tiling_};
  block.first_tile = index * block_;
  block.tiles = static_cast<int>(std::min<std::int64_t>(block_, tiling_.tiles - block.first_tile));
  block.capacity = block_;
  block.in_stride = shape_.in + kStrideGap;
  block.out_stride = shape_.out + kStrideGap;
  block.v = workspace + static_cast<std::size_t>(index % at_once) * block_size();
  block.m = block.v + static_cast<std::size_t>(winograd_points(shape_.kernel)) *
                          static_cast<std::size_t>(block_) * static_cast<std::size_t>(block.in_stride);
  return block;
}

std::int64_t WinogradConvolution::tile_ranges(std::int64_t index) const {
  const std::int64_t tiles = std::min<std::int64_t>(block_, tiling_.tiles - index * block_);
  return (tiles + kTilesAtOnce - 1) / kTilesAtOnce;
}

namespace {

struct TileRange {
  TileRange(const WinogradBlock& block, std::int64_t unit)
      : begin(unit * kTilesAtOnce), end(std::min<std::int64_t>(begin + kTilesAtOnce, block.tiles)) {}
  std::int64_t begin, end;
};

}  // namespace

void WinogradConvolution::forward(const float* x, const float* gate, const float* transformed,
                                  const float* bias, bool relu, float* y, float* workspace) const {
  enum Stage { kInput, kProducts, kOutput, kStages };
  const Overlap overlap = overlap_now(kForward);
  parallel_pipeline(
      blocks_, kStages, overlap.distance,
      [&](std::int64_t index, std::int64_t stage) -> std::int64_t {
        return stage == kProducts ? winograd_points(shape_.kernel) : tile_ranges(index);
      },
      [&](std::int64_t index, std::int64_t stage, std::int64_t unit) {
        const WinogradBlock of = block(index, overlap.blocks, workspace);
        if (stage == kProducts) return winograd_multiply(of, transformed, unit, unit + 1);
        const TileRange tiles(of, unit);
        if (stage == kInput) return winograd_transform_input(of, x, gate, tiles.begin, tiles.end);
        winograd_restore_output(of, bias, relu, y, tiles.begin, tiles.end);
      });
}

void WinogradConvolution::backward_weights(const float* x, const float* y_gradient, const float* gate,
                                           float* weights_gradient, float* bias_gradient,
                                           float* workspace) const {
  enum Stage { kInputs, kProducts, kStages };
  const Overlap overlap = overlap_now(kBackward);
  float* transformed = workspace;
  parallel_pipeline(
      blocks_, kStages, overlap.distance,
      [&](std::int64_t index, std::int64_t stage) -> std::int64_t {
        return stage == kProducts ? winograd_points(shape_.kernel) : tile_ranges(index);
      },
      [&](std::int64_t index, std::int64_t stage, std::int64_t unit) {
        const WinogradBlock of = block(index, overlap.blocks, workspace + transformed_size());
        if (stage == kProducts)
          return winograd_multiply_gradient(of, index > 0, transformed, bias_gradient, unit, unit + 1);
        const TileRange tiles(of, unit);
        winograd_transform_input(of, x, nullptr, tiles.begin, tiles.end);
        winograd_transform_gradient(of, y_gradient, gate, tiles.begin, tiles.end);
      });
  parallel_for(shape_.in, kChannelsAtOnce, [&](std::int64_t begin, std::int64_t end) {
    winograd_restore_weights(shape_, transformed, weights_gradient, begin, end);
  });
}

}  // namespace alexnet::cpu
