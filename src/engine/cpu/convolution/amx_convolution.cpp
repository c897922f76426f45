#include "engine/cpu/convolution/amx_convolution.h"

#include <algorithm>
#include <limits>

#include "base/parallel.h"
#include "engine/cpu/kernels/amx/tiles.h"

namespace alexnet::cpu {
namespace {

// Pixels of a line: few enough that a thread's part of it stays in the outer cache, enough that what is done
// once per line costs little.
constexpr std::int64_t kLinePixels = 4096;
// Lines that are in work at the same time: while the last products of one are computed, the next ones are
// packed.
constexpr std::int64_t kLinesAtOnce = 3;
// What a thread takes at a time: pieces of 32 pixels to pack; such pieces to multiply, with a quarter of the
// output channels, whose weights it reads once; products of the weights' gradient.
constexpr std::int64_t kPackedAtOnce = 8, kPiecesAtOnce = 16, kOutputParts = 4, kProductsAtOnce = 16;

/// The most images that fit a line; one at least.
int images_in_line(const UnitStrideShape& s) {
  const std::int64_t image = std::int64_t{s.row_period()} * s.column_period();
  return static_cast<int>(std::clamp<std::int64_t>(kLinePixels / image, 1, s.batch));
}

std::int64_t taps(const UnitStrideShape& s) { return std::int64_t{s.kernel} * s.kernel; }

/// Pixels along a line from a window's first to the one of this tap.
std::int64_t shift(const UnitStrideShape& s, std::int64_t tap) {
  return tap / s.kernel * s.column_period() + tap % s.kernel;
}

/// Blocks of 32 and 16 input channels, of 16 output channels.
std::int64_t deep_blocks(const UnitStrideShape& s) { return (s.in + 31) / 32; }
std::int64_t in_blocks(const UnitStrideShape& s) { return s.in / 16; }
std::int64_t out_blocks(const UnitStrideShape& s) { return s.out / 16; }

std::int64_t floats(std::int64_t numbers) { return rounded_up(numbers, 32) / 2; }

std::int64_t ranges(std::int64_t count, std::int64_t range) { return (count + range - 1) / range; }

}  // namespace

/// Some images of the tensors.
struct AmxConvolution::Images {
  const Line& line;
  bool first;
  std::int64_t in, out;  // floats from the tensors' beginnings
};

AmxConvolution::Line::Line(const UnitStrideShape& shape, int count) : images(count) {
  const std::int64_t width = shape.column_period(), image = shape.row_period() * width;
  pixels = rounded_up(count * image, kTileDepth);
  reach = rounded_up(pixels + (shape.kernel - 1) * (width + 1), kTileDepth);

  const std::int64_t in_image =
      std::int64_t{shape.in_whole > 0 ? shape.in_whole : shape.in} * shape.height * shape.width;
  const std::int64_t out_image = std::int64_t{shape.out_whole > 0 ? shape.out_whole : shape.out} *
                                 shape.out_height() * shape.out_width();
  source.assign(static_cast<std::size_t>(reach), -1);
  result.assign(static_cast<std::size_t>(pixels), -1);
  for (std::int64_t n = 0; n < count; ++n) {
    for (std::int64_t y = 0; y < shape.height; ++y)
      for (std::int64_t x = 0; x < shape.width; ++x)
        source[static_cast<std::size_t>(n * image + (y + shape.pad) * width + x + shape.pad)] =
            static_cast<std::int32_t>(n * in_image + (y * shape.width + x) * 16);
    for (std::int64_t y = 0; y < shape.out_height(); ++y)
      for (std::int64_t x = 0; x < shape.out_width(); ++x)
        result[static_cast<std::size_t>(n * image + y * width + x)] =
            static_cast<std::int32_t>(n * out_image + (y * shape.out_width() + x) * 16);
  }
  for (std::int64_t block = 0; block < deep_blocks(shape); ++block)
    for (std::int64_t tap = 0; tap < taps(shape); ++tap)
      window.push_back((block * reach + shift(shape, tap)) * kTileDepth * 2);
}

AmxConvolution::AmxConvolution(const UnitStrideShape& shape)
    : UnitStrideAlgorithm(shape), line_(shape, images_in_line(shape)) {
  if (const int rest = shape.batch % line_.images; rest > 0) last_.emplace(shape, rest);
  // An odd number of cache lines, so that the rows of a tile do not fall into one set.
  row_ = line_.reach / kTileDepth % 2 == 0 ? line_.reach + kTileDepth : line_.reach;
  for (std::int64_t q = 0; q < line_.pixels; q += kTileDepth) along_.push_back(q * 2);
}

std::size_t AmxConvolution::transformed_size() const {
  return static_cast<std::size_t>(out_blocks(shape_) * deep_blocks(shape_) * taps(shape_) * kTileSize / 2);
}

std::int64_t AmxConvolution::lines() const { return ranges(shape_.batch, line_.images); }

std::size_t AmxConvolution::line_size() const {
  return static_cast<std::size_t>(floats(deep_blocks(shape_) * line_.reach * kTileDepth));
}

std::size_t AmxConvolution::gradient_line_size() const {
  return static_cast<std::size_t>(floats(shape_.in * row_) + floats(shape_.out * line_.pixels) +
                                  shape_.out * (line_.pixels / kTileDepth));
}

std::size_t AmxConvolution::workspace_size() const {
  return static_cast<std::size_t>(std::min(kLinesAtOnce, lines())) * line_size();
}

std::size_t AmxConvolution::gradient_workspace_size() const {
  return static_cast<std::size_t>(std::min(kLinesAtOnce, lines())) * gradient_line_size();
}

AmxConvolution::Images AmxConvolution::images_of(std::int64_t line) const {
  const std::int64_t in = shape_.in_whole > 0 ? shape_.in_whole : shape_.in,
                     out = shape_.out_whole > 0 ? shape_.out_whole : shape_.out, n = line * line_.images;
  return {n + line_.images <= shape_.batch ? line_ : *last_, n == 0, n * in * shape_.height * shape_.width,
          n * out * shape_.out_height() * shape_.out_width()};
}

void AmxConvolution::transform_weights(const float* weights, float* transformed) const {
  auto* tiles = reinterpret_cast<Bf16*>(transformed);
  const std::int64_t deep = deep_blocks(shape_), in = shape_.in, out = shape_.out;
  parallel_for(out_blocks(shape_) * deep, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t job = begin; job < end; ++job)
      for (std::int64_t tap = 0; tap < taps(shape_); ++tap)
        pack_columns(weights + (tap * in + job % deep * kTileDepth) * out + job / deep * kTileSide, out,
                     std::min(kTileDepth, in - job % deep * kTileDepth),
                     tiles + (job * taps(shape_) + tap) * kTileSize);
  });
}

void AmxConvolution::forward(const float* x, const float* gate, const float* transformed, const float* bias,
                             bool relu, float* y, float* workspace) const {
  const auto* weights = reinterpret_cast<const Bf16*>(transformed);
  const std::int64_t in_plane = std::int64_t{shape_.height} * shape_.width * 16,
                     out_plane = std::int64_t{shape_.out_height()} * shape_.out_width() * 16;
  const std::int64_t steps = deep_blocks(shape_) * taps(shape_);
  const float min = relu ? 0.0F : -std::numeric_limits<float>::infinity();

  const auto pack = [&](const Images& images, Bf16* packed, std::int64_t begin, std::int64_t end) {
    const Line& line = images.line;
    const std::int64_t pieces = line.reach / kTileDepth;
    for (std::int64_t job = begin; job < end; ++job) {
      const std::int64_t block = job / pieces * 2, q = job % pieces * kTileDepth,
                         at = images.in + block * in_plane;
      pack_pixels({x + at, gate != nullptr ? gate + at : nullptr, line.source.data() + q},
                  block + 1 < in_blocks(shape_) ? in_plane : 0, kTileDepth,
                  packed + (job / pieces * line.reach + q) * kTileDepth);
    }
  };
  const std::int64_t pairs = (out_blocks(shape_) + 1) / 2, parts = std::min(pairs, kOutputParts);
  // Pieces [begin, end), and one of the parts of the output channels.
  const auto multiply = [&](const Images& images, const Bf16* packed, std::int64_t part, std::int64_t begin,
                            std::int64_t end) {
    const Line& line = images.line;
    const TileScope tiles;
    alignas(64) float sums[2][2][kTileSide * kTileSide];
    for (std::int64_t out = pairs * part / parts * 2;
         out < std::min(pairs * (part + 1) / parts * 2, out_blocks(shape_)); out += 2) {
      const bool two = out + 1 < out_blocks(shape_);
      const Bf16* columns = weights + out * steps * kTileSize;
      for (std::int64_t piece = begin; piece < end; ++piece) {
        const Bf16* pixels = packed + piece * kTileDepth * kTileDepth;
        multiply_tiles({{pixels, pixels + kTileSide * kTileDepth},
                        kTileDepth * 2,
                        line.window.data(),
                        steps,
                        {columns, two ? columns + steps * kTileSize : nullptr},
                        {{sums[0][0], sums[0][1]}, {sums[1][0], sums[1][1]}},
                        kTileSide,
                        false});
        for (int i = 0; i < 2; ++i)
          for (int j = 0; j < (two ? 2 : 1); ++j)
            write_pixels(sums[i][j], bias != nullptr ? bias + (out + j) * 16 : nullptr, min,
                         line.result.data() + piece * kTileDepth + i * kTileSide,
                         y + images.out + (out + j) * out_plane);
      }
    }
  };

  enum Stage { kPack, kMultiply, kStages };
  constexpr std::int64_t kDistance = kStages + 1;
  const auto count = [&](const Images& images, std::int64_t stage) {
    return stage == kPack ? deep_blocks(shape_) * (images.line.reach / kTileDepth)
                          : images.line.pixels / kTileDepth;
  };
  const auto range = [](std::int64_t stage) { return stage == kPack ? kPackedAtOnce : kPiecesAtOnce; };
  parallel_pipeline(
      lines(), kStages, kDistance,
      [&](std::int64_t line, std::int64_t stage) {
        return ranges(count(images_of(line), stage), range(stage)) * (stage == kPack ? 1 : parts);
      },
      [&](std::int64_t line, std::int64_t stage, std::int64_t unit) {
        const Images images = images_of(line);
        auto* packed =
            reinterpret_cast<Bf16*>(workspace + static_cast<std::size_t>(line % kLinesAtOnce) * line_size());
        const std::int64_t begin = (stage == kPack ? unit : unit / parts) * range(stage),
                           end = std::min(begin + range(stage), count(images, stage));
        stage == kPack ? pack(images, packed, begin, end)
                       : multiply(images, packed, unit % parts, begin, end);
      });
}

/// What the gradient of the weights multiplies, of one line.
struct AmxConvolution::Operands {
  Bf16* rows;     // input: [in][row_]
  Bf16* columns;  // gradient of the output: [out / 16][pixels / 2][16][2]
  float* sums;    // of the gradient: [out / 16][pieces][16]
};

AmxConvolution::Operands AmxConvolution::operands(std::int64_t line, float* workspace) const {
  workspace += static_cast<std::size_t>(line % kLinesAtOnce) * gradient_line_size();
  float* columns = workspace + floats(shape_.in * row_);
  return {reinterpret_cast<Bf16*>(workspace), reinterpret_cast<Bf16*>(columns),
          columns + floats(shape_.out * line_.pixels)};
}

void AmxConvolution::backward_weights(const float* x, const float* y_gradient, const float* gate,
                                      float* weights_gradient, float* bias_gradient, float* workspace) const {
  const std::int64_t in_plane = std::int64_t{shape_.height} * shape_.width * 16,
                     out_plane = std::int64_t{shape_.out_height()} * shape_.out_width() * 16;
  const std::int64_t in_pairs = (in_blocks(shape_) + 1) / 2, out_pairs = (out_blocks(shape_) + 1) / 2;

  const auto pack_input = [&](const Images& images, const Operands& to, std::int64_t begin,
                              std::int64_t end) {
    const std::int64_t pieces = images.line.reach / kTileDepth;
    for (std::int64_t job = begin; job < end; ++job) {
      const std::int64_t block = job / pieces, q = job % pieces * kTileDepth;
      pack_rows({x + images.in + block * in_plane, nullptr, images.line.source.data() + q},
                to.rows + block * 16 * row_ + q, row_);
    }
  };
  const auto pack_gradient = [&](const Images& images, const Operands& to, std::int64_t begin,
                                 std::int64_t end) {
    const std::int64_t pieces = images.line.pixels / kTileDepth;
    for (std::int64_t job = begin; job < end; ++job) {
      const std::int64_t block = job / pieces, q = job % pieces * kTileDepth,
                         at = images.out + block * out_plane;
      pack_pairs({y_gradient + at, gate != nullptr ? gate + at : nullptr, images.line.result.data() + q},
                 to.columns + (block * line_.pixels + q) * kTileSide, to.sums + job * 16);
    }
  };
  const auto multiply = [&](const Images& images, const Operands& from, std::int64_t begin,
                            std::int64_t end) {
    const std::int64_t pieces = images.line.pixels / kTileDepth;
    const TileScope tiles;
    for (std::int64_t job = begin; job < end; ++job) {
      const std::int64_t pair = job / taps(shape_), tap = job % taps(shape_);
      const std::int64_t in = pair % in_pairs * 2, out = pair / in_pairs * 2;
      const bool two_in = in + 1 < in_blocks(shape_), two_out = out + 1 < out_blocks(shape_);
      const Bf16* left = from.rows + in * 16 * row_ + shift(shape_, tap);
      const Bf16* right = from.columns + out * line_.pixels * kTileSide;
      float* to = weights_gradient + (tap * shape_.in + in * 16) * shape_.out + out * 16;
      float* below = to + 16 * shape_.out;
      multiply_tiles({{left, two_in ? left + 16 * row_ : nullptr},
                      row_ * 2,
                      along_.data(),
                      pieces,
                      {right, two_out ? right + line_.pixels * kTileSide : nullptr},
                      {{to, to + 16}, {below, below + 16}},
                      shape_.out,
                      !images.first});
    }
  };
  const auto add_sums = [&](const Images& images, const Operands& from) {
    const std::int64_t pieces = images.line.pixels / kTileDepth;
    for (std::int64_t block = 0; block < out_blocks(shape_); ++block)
      for (std::int64_t piece = 0; piece < pieces; ++piece)
        for (std::int64_t o = 0; o < 16; ++o) {
          float& sum = bias_gradient[block * 16 + o];
          sum = (images.first && piece == 0 ? 0.0F : sum) + from.sums[(block * pieces + piece) * 16 + o];
        }
  };

  enum Stage { kPack, kMultiply, kStages };
  // Products are added to those of the line before, in order.
  constexpr std::int64_t kDistance = kStages;
  const std::int64_t products = in_pairs * out_pairs * taps(shape_);
  const auto input_jobs = [&](const Line& line) { return in_blocks(shape_) * (line.reach / kTileDepth); };
  const auto gradient_jobs = [&](const Line& line) {
    return out_blocks(shape_) * (line.pixels / kTileDepth);
  };
  parallel_pipeline(
      lines(), kStages, kDistance,
      [&](std::int64_t index, std::int64_t stage) {
        const Line& line = images_of(index).line;
        return stage == kPack
                   ? ranges(input_jobs(line), kPackedAtOnce) + ranges(gradient_jobs(line), kPackedAtOnce)
                   : 1 + ranges(products, kProductsAtOnce);
      },
      [&](std::int64_t index, std::int64_t stage, std::int64_t unit) {
        const Images images = images_of(index);
        const Operands of = operands(index, workspace);
        const auto range = [](std::int64_t number, std::int64_t size, std::int64_t all, const auto& body) {
          body(number * size, std::min((number + 1) * size, all));
        };
        if (stage == kMultiply && unit == 0) return add_sums(images, of);
        if (stage == kMultiply)
          return range(unit - 1, kProductsAtOnce, products,
                       [&](std::int64_t begin, std::int64_t end) { multiply(images, of, begin, end); });
        const std::int64_t inputs = input_jobs(images.line), before = ranges(inputs, kPackedAtOnce);
        if (unit < before)
          return range(unit, kPackedAtOnce, inputs,
                       [&](std::int64_t begin, std::int64_t end) { pack_input(images, of, begin, end); });
        range(unit - before, kPackedAtOnce, gradient_jobs(images.line),
              [&](std::int64_t begin, std::int64_t end) { pack_gradient(images, of, begin, end); });
      });
}

}  // namespace alexnet::cpu
