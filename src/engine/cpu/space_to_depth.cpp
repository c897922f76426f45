#include "engine/cpu/space_to_depth.h"

#include <algorithm>

#include "base/parallel.h"

namespace alexnet::cpu {
namespace {

/// Where channel, row and column within a square lie among the folded channels.
struct FoldedChannel {
  int block, lane;
};
FoldedChannel folded_channel(const SpaceToDepth& f, int channel, int row, int column) {
  const int index = (channel * f.stride + row) * f.stride + column;
  return {index / 16, index % 16};
}

/// Calls visit(folded index, plain index) for every pixel of image n that some window touches.
template <class Visit>
void each_pixel(const SpaceToDepth& f, std::int64_t n, Visit&& visit) {
  const std::int64_t plane = std::int64_t{f.folded_height()} * f.folded_width() * 16;
  const std::int64_t image = n * (f.folded_channels() / 16) * plane;
  for (int c = 0; c < f.channels; ++c) {
    for (int row = 0; row < f.height; ++row) {
      const int y = row + f.pad_top, square_y = y / f.stride;
      if (square_y >= f.folded_height()) continue;
      const std::int64_t plain = ((n * f.channels + c) * f.height + row) * f.width;
      for (int x_in_square = 0; x_in_square < f.stride; ++x_in_square) {
        const FoldedChannel to = folded_channel(f, c, y % f.stride, x_in_square);
        const std::int64_t line =
            image + to.block * plane + std::int64_t{square_y} * f.folded_width() * 16 + to.lane;
        for (int square_x = 0; square_x < f.folded_width(); ++square_x) {
          const int column = square_x * f.stride + x_in_square - f.pad_left;
          if (column >= 0 && column < f.width) visit(line + std::int64_t{square_x} * 16, plain + column);
        }
      }
    }
  }
}

/// Calls visit(folded index, plain index) for every weight; the plain index is -1 beyond the kernel.
template <class Visit>
void each_weight(const SpaceToDepth& f, Visit&& visit) {
  const int k = f.folded_kernel(), out = (f.filters + 15) / 16 * 16;
  for (int c = 0; c < f.channels; ++c)
    for (int y = 0; y < k * f.stride; ++y)
      for (int x = 0; x < k * f.stride; ++x) {
        const FoldedChannel in = folded_channel(f, c, y % f.stride, x % f.stride);
        const std::int64_t tap = y / f.stride * k + x / f.stride;
        const std::int64_t row = (tap * f.folded_channels() + in.block * 16 + in.lane) * out;
        const bool inside = y < f.kernel && x < f.kernel;
        for (int o = 0; o < f.filters; ++o)
          visit(row + o, inside ? ((std::int64_t{o} * f.channels + c) * f.kernel + y) * f.kernel + x : -1);
      }
}

}  // namespace

std::size_t SpaceToDepth::folded_size() const {
  return static_cast<std::size_t>(batch) * static_cast<std::size_t>(folded_channels()) *
         static_cast<std::size_t>(folded_height()) * static_cast<std::size_t>(folded_width());
}

void fold_image(const SpaceToDepth& fold, const float* nchw, float* folded) {
  const std::int64_t image = static_cast<std::int64_t>(fold.folded_size()) / fold.batch;
  parallel_for(fold.batch, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t n = begin; n < end; ++n) {
      std::fill_n(folded + n * image, image, 0.0F);
      each_pixel(fold, n, [&](std::int64_t to, std::int64_t from) { folded[to] = nchw[from]; });
    }
  });
}

void unfold_image(const SpaceToDepth& fold, const float* folded, float* nchw) {
  const std::int64_t image = std::int64_t{fold.channels} * fold.height * fold.width;
  parallel_for(fold.batch, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t n = begin; n < end; ++n) {
      std::fill_n(nchw + n * image, image, 0.0F);
      each_pixel(fold, n, [&](std::int64_t from, std::int64_t to) { nchw[to] = folded[from]; });
    }
  });
}

void fold_weights(const SpaceToDepth& fold, const float* oihw, float* folded) {
  const std::int64_t out = (fold.filters + 15) / 16 * 16;
  std::fill_n(folded, fold.folded_kernel() * fold.folded_kernel() * fold.folded_channels() * out, 0.0F);
  each_weight(fold, [&](std::int64_t to, std::int64_t from) {
    if (from >= 0) folded[to] = oihw[from];
  });
}

void unfold_weights(const SpaceToDepth& fold, const float* folded, float* oihw) {
  each_weight(fold, [&](std::int64_t from, std::int64_t to) {
    if (to >= 0) oihw[to] = folded[from];
  });
}

void clear_beyond_kernel(const SpaceToDepth& fold, float* folded) {
  each_weight(fold, [&](std::int64_t at, std::int64_t plain) {
    if (plain < 0) folded[at] = 0.0F;
  });
}

}  // namespace alexnet::cpu
