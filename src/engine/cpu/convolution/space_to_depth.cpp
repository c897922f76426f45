#include "engine/cpu/convolution/space_to_depth.h"

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

/// Runs of pixels that lie side by side in a row of the plain image and in a square each, whose columns are
/// neighbouring channels: `runs` of them, of `length` pixels, from square to square.
struct Runs {
  std::int64_t folded, plain;  // where the first begins
  std::int64_t runs, length;
};

/// Calls visit(Runs) for all pixels of image n that lie in squares of row `square_y`.
template <class Visit>
void each_runs(const SpaceToDepth& f, std::int64_t n, int square_y, Visit&& visit) {
  for (int c = 0; c < f.channels; ++c) {
    for (int y = 0; y < f.stride; ++y) {
      const int row = square_y * f.stride + y - f.pad_top;
      if (row < 0 || row >= f.height) continue;
      const std::int64_t plain = ((n * f.channels + c) * f.height + row) * f.width;
      // A square's row can be parted by the border between two blocks of channels.
      for (int first = 0, length = 0; first < f.stride; first += length) {
        const FoldedChannel to = folded_channel(f, c, y, first);
        length = std::min(f.stride - first, 16 - to.lane);
        const std::int64_t line = f.folded_row(n, to.block, square_y) + to.lane;
        const int shift = first - f.pad_left;  // the plain column where square 0's run begins
        // Squares whose run is whole; those before and behind can be cut by the image's border.
        const int begin = std::min((std::max(-shift, 0) + f.stride - 1) / f.stride, f.folded_width());
        const int end = std::clamp((f.width - length - shift + f.stride) / f.stride, begin, f.folded_width());
        const auto cut = [&](int square_x) {
          const int column = square_x * f.stride + shift, from = std::max(column, 0),
                    to_column = std::min(column + length, f.width);
          if (from < to_column)
            visit(
                Runs{line + std::int64_t{square_x} * 16 + from - column, plain + from, 1, to_column - from});
        };
        for (int square_x = 0; square_x < begin; ++square_x) cut(square_x);
        visit(Runs{line + std::int64_t{begin} * 16, plain + std::int64_t{begin} * f.stride + shift,
                   end - begin, length});
        for (int square_x = end; square_x < f.folded_width(); ++square_x) cut(square_x);
      }
    }
  }
}

/// Copies runs that are from_step and to_step floats apart.
void copy_runs(const Runs& runs, const float* from, std::int64_t from_step, float* to, std::int64_t to_step) {
  // The article's four at a time: calling a function for each would cost more than the copying.
  if (runs.length == 4)
    for (std::int64_t i = 0; i < runs.runs; ++i) std::copy_n(from + i * from_step, 4, to + i * to_step);
  else
    for (std::int64_t i = 0; i < runs.runs; ++i)
      std::copy_n(from + i * from_step, runs.length, to + i * to_step);
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

std::int64_t SpaceToDepth::folded_row(std::int64_t image, int block, int row) const {
  return ((image * (folded_channels() / 16) + block) * folded_height() + row) * folded_width() * 16;
}

void fold_image(const SpaceToDepth& fold, const float* nchw, float* folded) {
  const int rows = fold.folded_height();
  parallel_for(std::int64_t{fold.batch} * rows, 8, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t job = begin; job < end; ++job) {
      const std::int64_t n = job / rows;
      const auto row = static_cast<int>(job % rows);
      for (int block = 0; block < fold.folded_channels() / 16; ++block)
        std::fill_n(folded + fold.folded_row(n, block, row), fold.folded_width() * 16, 0.0F);
      each_runs(fold, n, row, [&](const Runs& runs) {
        copy_runs(runs, nchw + runs.plain, fold.stride, folded + runs.folded, 16);
      });
    }
  });
}

void unfold_image(const SpaceToDepth& fold, const float* folded, float* nchw) {
  const std::int64_t image = std::int64_t{fold.channels} * fold.height * fold.width;
  parallel_for(fold.batch, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t n = begin; n < end; ++n) {
      std::fill_n(nchw + n * image, image, 0.0F);
      for (int row = 0; row < fold.folded_height(); ++row)
        each_runs(fold, n, row, [&](const Runs& runs) {
          copy_runs(runs, folded + runs.folded, 16, nchw + runs.plain, fold.stride);
        });
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
