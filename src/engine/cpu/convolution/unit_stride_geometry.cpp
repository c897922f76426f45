#include "engine/cpu/convolution/unit_stride_geometry.h"

#include <algorithm>

namespace alexnet::cpu {
namespace {

int padded(int channels) { return (channels + 15) / 16 * 16; }

// Floats of the folded images that are made at a time: few enough that they are still in the outer caches
// when they are read, and take no room worth naming.
constexpr std::size_t kFoldedFloats = std::size_t{1} << 20U;

/// Images folded at a time: a divisor of the batch.
int folded_at_a_time(const SpaceToDepth& image, int batch) {
  const auto room = static_cast<int>(
      std::clamp<std::size_t>(kFoldedFloats / image.folded_size(), 1, static_cast<std::size_t>(batch)));
  int images = room;
  while (batch % images != 0) --images;
  // Where the batch has no such divisor (a prime): all of them.
  return images * 4 < room ? batch : images;
}

}  // namespace

std::optional<SpaceToDepth> folding(const ConvGeometry& g) {
  if (g.has_unit_stride()) return std::nullopt;
  SpaceToDepth fold;
  fold.batch = 1;
  fold.channels = g.input.extent.channels;
  fold.height = g.input.extent.height;
  fold.width = g.input.extent.width;
  fold.filters = g.output.extent.channels;
  fold.kernel = g.kernel.height;
  fold.stride = g.stride.height;
  fold.pad_top = g.pad_top;
  fold.pad_left = g.pad_left;
  fold.out_height = g.output.extent.height;
  fold.out_width = g.output.extent.width;
  fold.batch = folded_at_a_time(fold, g.input.batch);
  return fold;
}

UnitStrideShape unit_stride_shape(const ConvGeometry& g) {
  if (g.groups > 1) {
    const int in = g.input.extent.channels, out = g.output.extent.channels;
    return {g.input.batch,
            in / g.groups,
            out / g.groups,
            g.input.extent.height,
            g.input.extent.width,
            g.kernel.height,
            g.pad_top,
            in,
            out,
            g.input.block,
            g.output.block};
  }
  const int out = padded(g.output.extent.channels);
  if (const auto fold = folding(g))
    return {fold->batch,
            fold->folded_channels(),
            out,
            fold->folded_height(),
            fold->folded_width(),
            fold->folded_kernel(),
            0,
            0,
            0,
            16,
            g.output.block};
  return {g.input.batch,
          padded(g.input.extent.channels),
          out,
          g.input.extent.height,
          g.input.extent.width,
          g.kernel.height,
          g.pad_top,
          0,
          0,
          g.input.block,
          g.output.block};
}

}  // namespace alexnet::cpu
