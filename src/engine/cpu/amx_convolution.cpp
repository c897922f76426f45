#include "engine/cpu/amx_convolution.h"

#include <algorithm>
#include <limits>

#include "base/parallel.h"
#include "engine/cpu/amx_kernels.h"

namespace alexnet::cpu {
namespace {

// Pixels of a line: few enough that a thread's part of it stays in the outer cache, enough that what is done
// once per line costs little.
constexpr std::int64_t kLinePixels = 4096;

std::int64_t rounded_up(std::int64_t count, std::int64_t unit) { return (count + unit - 1) / unit * unit; }

/// The most images that divide the batch and fit a line; one at least.
int images_in_line(const UnitStrideShape& s) {
  const std::int64_t image = std::int64_t{s.row_period()} * s.column_period();
  int images = static_cast<int>(std::clamp<std::int64_t>(kLinePixels / image, 1, s.batch));
  while (s.batch % images != 0) --images;
  return images;
}

std::int64_t floats(std::int64_t numbers) { return rounded_up(numbers, 32) / 2; }

}  // namespace

/// A chunk's part of the tensors.
struct AmxConvolution::Images {
  bool first;
  std::int64_t in, out;  // floats from the tensors' beginnings
};

AmxConvolution::AmxConvolution(const UnitStrideShape& shape)
    : UnitStrideConvolution(shape), chunk_(images_in_line(shape)) {
  const std::int64_t width = shape.column_period(), image = shape.row_period() * width;
  line_ = rounded_up(chunk_ * image, kTileDepth);
  reach_ = rounded_up(line_ + (shape.kernel - 1) * (width + 1), kTileDepth);
  // An odd number of cache lines, so that the rows of a tile do not fall into one set.
  row_ = reach_ / kTileDepth % 2 == 0 ? reach_ + kTileDepth : reach_;

  const std::int64_t in_image =
      std::int64_t{shape.in_whole > 0 ? shape.in_whole : shape.in} * shape.height * shape.width;
  const std::int64_t out_image = std::int64_t{shape.out_whole > 0 ? shape.out_whole : shape.out} *
                                 shape.out_height() * shape.out_width();
  source_.assign(static_cast<std::size_t>(reach_), -1);
  result_.assign(static_cast<std::size_t>(line_), -1);
  for (std::int64_t n = 0; n < chunk_; ++n) {
    for (std::int64_t y = 0; y < shape.height; ++y)
      for (std::int64_t x = 0; x < shape.width; ++x)
        source_[static_cast<std::size_t>(n * image + (y + shape.pad) * width + x + shape.pad)] =
            static_cast<std::int32_t>(n * in_image + (y * shape.width + x) * 16);
    for (std::int64_t y = 0; y < shape.out_height(); ++y)
      for (std::int64_t x = 0; x < shape.out_width(); ++x)
        result_[static_cast<std::size_t>(n * image + y * width + x)] =
            static_cast<std::int32_t>(n * out_image + (y * shape.out_width() + x) * 16);
  }
  for (std::int64_t block = 0; block < deep_blocks(); ++block)
    for (std::int64_t tap = 0; tap < taps(); ++tap)
      window_.push_back((block * reach_ + shift(tap)) * kTileDepth * 2);
  for (std::int64_t q = 0; q < line_; q += kTileDepth) along_.push_back(q * 2);
}

std::int64_t AmxConvolution::shift(std::int64_t tap) const {
  return tap / shape_.kernel * shape_.column_period() + tap % shape_.kernel;
}

std::size_t AmxConvolution::transformed_size() const {
  return static_cast<std::size_t>(out_blocks() * deep_blocks() * taps() * kTileSize / 2);
}

std::size_t AmxConvolution::workspace_size() const {
  return static_cast<std::size_t>(floats(deep_blocks() * reach_ * kTileDepth));
}

std::size_t AmxConvolution::gradient_workspace_size() const {
  return static_cast<std::size_t>(floats(shape_.in * row_) + floats(shape_.out * line_) +
                                  shape_.out * (line_ / kTileDepth));
}

template <class Body>
void AmxConvolution::each_chunk(Body&& body) const {
  const std::int64_t in = shape_.in_whole > 0 ? shape_.in_whole : shape_.in,
                     out = shape_.out_whole > 0 ? shape_.out_whole : shape_.out;
  for (std::int64_t n = 0; n < shape_.batch; n += chunk_)
    body(Images{n == 0, n * in * shape_.height * shape_.width,
                n * out * shape_.out_height() * shape_.out_width()});
}

void AmxConvolution::transform_weights(const float* weights, float* transformed) const {
  auto* tiles = reinterpret_cast<Bf16*>(transformed);
  const std::int64_t deep = deep_blocks(), in = shape_.in, out = shape_.out;
  parallel_for(out_blocks() * deep, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t job = begin; job < end; ++job)
      for (std::int64_t tap = 0; tap < taps(); ++tap)
        pack_columns(weights + (tap * in + job % deep * kTileDepth) * out + job / deep * kTileSide, out,
                     std::min(kTileDepth, in - job % deep * kTileDepth),
                     tiles + (job * taps() + tap) * kTileSize);
  });
}

void AmxConvolution::forward(const float* x, const float* gate, const float* transformed, const float* bias,
                             bool relu, float* y, float* workspace) const {
  auto* line = reinterpret_cast<Bf16*>(workspace);
  const auto* weights = reinterpret_cast<const Bf16*>(transformed);
  const std::int64_t in_plane = std::int64_t{shape_.height} * shape_.width * 16,
                     out_plane = std::int64_t{shape_.out_height()} * shape_.out_width() * 16;
  const std::int64_t pieces = reach_ / kTileDepth, steps = deep_blocks() * taps();
  const float least = relu ? 0.0F : -std::numeric_limits<float>::infinity();
  each_chunk([&](const Images& images) {
    parallel_for(deep_blocks() * pieces, 8, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t job = begin; job < end; ++job) {
        const std::int64_t block = job / pieces * 2, q = job % pieces * kTileDepth,
                           at = images.in + block * in_plane;
        pack_pixels({x + at, gate != nullptr ? gate + at : nullptr, source_.data() + q},
                    block + 1 < in_blocks() ? in_plane : 0, kTileDepth,
                    line + (job / pieces * reach_ + q) * kTileDepth);
      }
    });
    parallel_for(line_ / kTileDepth, 1, [&](std::int64_t begin, std::int64_t end) {
      const TileScope tiles;
      alignas(64) float sums[2][2][kTileSide * kTileSide];
      for (std::int64_t out = 0; out < out_blocks(); out += 2) {
        const bool two = out + 1 < out_blocks();
        const Bf16* columns = weights + out * steps * kTileSize;
        for (std::int64_t piece = begin; piece < end; ++piece) {
          const Bf16* pixels = line + piece * kTileDepth * kTileDepth;
          multiply_tiles({{pixels, pixels + kTileSide * kTileDepth},
                          kTileDepth * 2,
                          window_.data(),
                          steps,
                          {columns, two ? columns + steps * kTileSize : nullptr},
                          {{sums[0][0], sums[0][1]}, {sums[1][0], sums[1][1]}},
                          kTileSide,
                          false});
          for (int i = 0; i < 2; ++i)
            for (int j = 0; j < (two ? 2 : 1); ++j)
              write_pixels(sums[i][j], bias != nullptr ? bias + (out + j) * 16 : nullptr, least,
                           result_.data() + piece * kTileDepth + i * kTileSide,
                           y + images.out + (out + j) * out_plane);
        }
      }
    });
  });
}

void AmxConvolution::backward_weights(const float* x, const float* y_gradient, const float* gate,
                                      float* weights_gradient, float* bias_gradient, float* workspace) const {
  auto* rows = reinterpret_cast<Bf16*>(workspace);
  auto* columns = reinterpret_cast<Bf16*>(workspace + floats(shape_.in * row_));
  float* sums = workspace + floats(shape_.in * row_) + floats(shape_.out * line_);
  const std::int64_t in_plane = std::int64_t{shape_.height} * shape_.width * 16,
                     out_plane = std::int64_t{shape_.out_height()} * shape_.out_width() * 16;
  const std::int64_t in_pieces = reach_ / kTileDepth, out_pieces = line_ / kTileDepth;
  const std::int64_t in_pairs = (in_blocks() + 1) / 2, out_pairs = (out_blocks() + 1) / 2;
  each_chunk([&](const Images& images) {
    parallel_for(in_blocks() * in_pieces, 8, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t job = begin; job < end; ++job) {
        const std::int64_t block = job / in_pieces, q = job % in_pieces * kTileDepth;
        pack_rows({x + images.in + block * in_plane, nullptr, source_.data() + q},
                  rows + block * 16 * row_ + q, row_);
      }
    });
    parallel_for(out_blocks() * out_pieces, 8, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t job = begin; job < end; ++job) {
        const std::int64_t block = job / out_pieces, q = job % out_pieces * kTileDepth,
                           at = images.out + block * out_plane;
        pack_pairs({y_gradient + at, gate != nullptr ? gate + at : nullptr, result_.data() + q},
                   columns + (block * line_ + q) * kTileSide, sums + job * 16);
      }
    });
    parallel_for(in_pairs * out_pairs, 1, [&](std::int64_t begin, std::int64_t end) {
      const TileScope tiles;
      for (std::int64_t job = begin; job < end; ++job) {
        const std::int64_t in = job / out_pairs * 2, out = job % out_pairs * 2;
        const bool two_in = in + 1 < in_blocks(), two_out = out + 1 < out_blocks();
        const Bf16* right = columns + out * line_ * kTileSide;
        for (std::int64_t tap = 0; tap < taps(); ++tap) {
          const Bf16* left = rows + in * 16 * row_ + shift(tap);
          float* to = weights_gradient + (tap * shape_.in + in * 16) * shape_.out + out * 16;
          float* below = to + 16 * shape_.out;
          multiply_tiles({{left, two_in ? left + 16 * row_ : nullptr},
                          row_ * 2,
                          along_.data(),
                          out_pieces,
                          {right, two_out ? right + line_ * kTileSide : nullptr},
                          {{to, to + 16}, {below, below + 16}},
                          shape_.out,
                          !images.first});
        }
      }
    });
    parallel_for(out_blocks(), 1, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t block = begin; block < end; ++block)
        for (std::int64_t piece = 0; piece < out_pieces; ++piece)
          for (std::int64_t o = 0; o < 16; ++o) {
            float& sum = bias_gradient[block * 16 + o];
            sum = (images.first && piece == 0 ? 0.0F : sum) + sums[(block * out_pieces + piece) * 16 + o];
          }
    });
  });
}

}  // namespace alexnet::cpu
