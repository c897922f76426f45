// Own convolutions against the sum they stand for, in double precision: all three directions, sizes that
// leave tiles and canvases half empty, channel counts that leave the last panel narrow.
#include <gtest/gtest.h>
#include <hwy/targets.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <initializer_list>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "base/random.h"
#include "engine/cpu/convolution/amx_convolution.h"
#include "engine/cpu/convolution/winograd.h"
#include "engine/cpu/plan/processor.h"
#include "tensor/slab.h"

namespace alexnet::cpu {
namespace {

// Rounding grows with the transforms: the interpolation points reach 2 and 1/2 to the seventh power. Relative
// to the largest value; direct f32 summation of the same sums stays below 3e-6.
constexpr double kWinogradTolerance = 6e-5;

// Tiles multiply bf16 numbers exactly and add them up in float32: nothing is lost but in sums, the inputs
// here being bf16 numbers.
constexpr double kTileTolerance = 6e-6;

enum class Algorithm { kWinograd, kTiles };

struct Case {
  Algorithm algorithm;
  UnitStrideShape shape;
};

class UnitStrideTest : public testing::TestWithParam<Case> {
 protected:
  UnitStrideTest()
      : shape(GetParam().shape), x(input_size()), w(pairs()), y(output_size()), gate(output_size()) {
    fill(x, 1, 1.0F);
    fill(w, 2, 1.0F / std::sqrt(static_cast<float>(shape.in * shape.kernel * shape.kernel)));
    fill(y, 3, 1.0F);
    fill(gate, 5, 1.0F);
    if (tiles())
      for (Slab* slab : {&x, &w, &y})
        for (float& value : slab->span()) value = round_to_bf16(value);
    // Blocks are no smaller than vectors.
    if (shape.in_block == 8 || shape.out_block == 8) hwy::SetSupportedTargetsForTest(HWY_AVX2);
  }
  ~UnitStrideTest() override { hwy::SetSupportedTargetsForTest(0); }  // back to all

  void SetUp() override {
    if (tiles() && !this_processor().multiplies_tiles) GTEST_SKIP() << "this processor has no AMX";
  }
  bool tiles() const { return GetParam().algorithm == Algorithm::kTiles; }
  std::unique_ptr<UnitStrideAlgorithm> algorithm(const UnitStrideShape& of) const {
    if (tiles()) return std::make_unique<AmxConvolution>(of);
    return std::make_unique<WinogradConvolution>(of);
  }
  static float round_to_bf16(float value) {  // by cutting off: any bf16 number will do
    return std::bit_cast<float>(std::bit_cast<std::uint32_t>(value) & 0xFFFF0000U);
  }

  static std::size_t product(std::initializer_list<int> sizes) {
    std::size_t all = 1;
    for (const int size : sizes) all *= static_cast<std::size_t>(size);
    return all;
  }
  std::size_t pairs() const { return product({shape.kernel, shape.kernel, shape.in, shape.out}); }
  std::size_t input_size() const { return product({shape.batch, shape.in, shape.height, shape.width}); }
  std::size_t output_size() const {
    return product({shape.batch, shape.out, shape.out_height(), shape.out_width()});
  }
  static void fill(Slab& slab, std::uint64_t seed, float scale) {
    RandomStream random(seed, Purpose::kSample, 0, 0);
    for (float& value : slab.span()) value = scale * random.normal();
  }
  static double pixel(const Slab& slab, int block_size, int channels, int height, int width, int n, int c,
                      int row, int column) {
    if (row < 0 || column < 0 || row >= height || column >= width) return 0;
    const int block = n * (channels / block_size) + c / block_size;
    return slab.data()[((block * height + row) * width + column) * block_size + c % block_size];
  }
  double input(const Slab& slab, int n, int c, int row, int column) const {
    return pixel(slab, shape.in_block, shape.in, shape.height, shape.width, n, c, row, column);
  }
  double output(const Slab& slab, int n, int c, int row, int column) const {
    return pixel(slab, shape.out_block, shape.out, shape.out_height(), shape.out_width(), n, c, row, column);
  }
  double gated(int n, int c, int row, int column) const {
    return output(gate, n, c, row, column) > 0 ? output(y, n, c, row, column) : 0;
  }
  float weight(const Slab& slab, int row, int column, int i, int o) const {
    return slab.data()[((row * shape.kernel + column) * shape.in + i) * shape.out + o];
  }
  /// Visits every pixel of a tensor of these extents.
  template <class Visit>
  void each_pixel(int channels, int height, int width, Visit&& visit) const {
    for (int n = 0; n < shape.batch; ++n)
      for (int c = 0; c < channels; ++c)
        for (int row = 0; row < height; ++row)
          for (int column = 0; column < width; ++column) visit(n, c, row, column);
  }
  double tolerance() const { return tiles() ? kTileTolerance : kWinogradTolerance; }
  void expect_close(double worst, double largest) const {
    EXPECT_LE(worst, tolerance() * largest);
    EXPECT_GT(largest, 0);
  }

  UnitStrideShape shape;
  Slab x, w, y, gate;
};

TEST_P(UnitStrideTest, Forward) {
  const auto convolution = algorithm(shape);
  Slab transformed(convolution->transformed_size()), workspace(convolution->workspace_size());
  Slab result(output_size()), bias(static_cast<std::size_t>(shape.out));
  fill(bias, 4, 0.5F);
  convolution->transform_weights(w.data(), transformed.data());
  convolution->forward(x.data(), nullptr, transformed.data(), bias.data(), true, result.data(),
                       workspace.data());
  double worst = 0, largest = 0;
  each_pixel(shape.out, shape.out_height(), shape.out_width(), [&](int n, int o, int row, int column) {
    double sum = bias.data()[o];
    for (int i = 0; i < shape.in; ++i)
      for (int r = 0; r < shape.kernel; ++r)
        for (int c = 0; c < shape.kernel; ++c)
          sum += input(x, n, i, row + r - shape.pad, column + c - shape.pad) * weight(w, r, c, i, o);
    sum = std::max(sum, 0.0);
    largest = std::max(largest, sum);
    worst = std::max(worst, std::abs(sum - output(result, n, o, row, column)));
  });
  expect_close(worst, largest);
}

// A training that has gone wrong must show: the ReLU hides no NaN.
TEST_P(UnitStrideTest, NaNStays) {
  const auto convolution = algorithm(shape);
  Slab transformed(convolution->transformed_size()), workspace(convolution->workspace_size());
  Slab result(output_size());
  w.data()[0] = std::numeric_limits<float>::quiet_NaN();  // input channel 0, output channel 0
  convolution->transform_weights(w.data(), transformed.data());
  convolution->forward(x.data(), nullptr, transformed.data(), nullptr, true, result.data(), workspace.data());
  each_pixel(shape.out, shape.out_height(), shape.out_width(), [&](int n, int o, int row, int column) {
    ASSERT_EQ(std::isnan(output(result, n, o, row, column)), o == 0);
  });
}

// Backward, the output's gradient passes where the gate is positive.
TEST_P(UnitStrideTest, BackwardData) {
  const auto convolution = algorithm(shape.mirrored());
  Slab transformed(convolution->transformed_size()), workspace(convolution->workspace_size());
  Slab rotated(pairs()), result(input_size());
  rotate_weights(shape, w.data(), rotated.data());
  convolution->transform_weights(rotated.data(), transformed.data());
  convolution->forward(y.data(), gate.data(), transformed.data(), nullptr, false, result.data(),
                       workspace.data());
  double worst = 0, largest = 0;
  each_pixel(shape.in, shape.height, shape.width, [&](int n, int i, int row, int column) {
    double sum = 0;
    for (int o = 0; o < shape.out; ++o)
      for (int r = 0; r < shape.kernel; ++r)
        for (int c = 0; c < shape.kernel; ++c)
          sum += gated(n, o, row - r + shape.pad, column - c + shape.pad) * weight(w, r, c, i, o);
    largest = std::max(largest, std::abs(sum));
    worst = std::max(worst, std::abs(sum - input(result, n, i, row, column)));
  });
  expect_close(worst, largest);
}

TEST_P(UnitStrideTest, BackwardWeights) {
  const auto convolution = algorithm(shape);
  Slab workspace(convolution->gradient_workspace_size());
  Slab result(pairs()), bias(static_cast<std::size_t>(shape.out));
  convolution->backward_weights(x.data(), y.data(), gate.data(), result.data(), bias.data(),
                                workspace.data());
  double worst = 0, largest = 0;
  for (int i = 0; i < shape.in; i += 3)
    for (int o = 0; o < shape.out; o += 5)
      for (int r = 0; r < shape.kernel; ++r)
        for (int c = 0; c < shape.kernel; ++c) {
          double sum = 0;
          for (int n = 0; n < shape.batch; ++n)
            for (int row = 0; row < shape.out_height(); ++row)
              for (int column = 0; column < shape.out_width(); ++column)
                sum += gated(n, o, row, column) * input(x, n, i, row + r - shape.pad, column + c - shape.pad);
          largest = std::max(largest, std::abs(sum));
          worst = std::max(worst, std::abs(sum - weight(result, r, c, i, o)));
        }
  expect_close(worst, largest);
  for (int o = 0; o < shape.out; o += 7) {
    double sum = 0, size = 0;
    for (int n = 0; n < shape.batch; ++n)
      for (int row = 0; row < shape.out_height(); ++row)
        for (int column = 0; column < shape.out_width(); ++column) {
          sum += gated(n, o, row, column);
          size += std::abs(gated(n, o, row, column));
        }
    EXPECT_NEAR(sum, bias.data()[o], tolerance() * size);
  }
}

std::string case_name(const testing::TestParamInfo<Case>& tested) {
  const UnitStrideShape& s = tested.param.shape;
  return "n" + std::to_string(s.batch) + "_in" + std::to_string(s.in) + "_out" + std::to_string(s.out) + "_" +
         std::to_string(s.height) + "x" + std::to_string(s.width) + "_k" + std::to_string(s.kernel) + "_pad" +
         std::to_string(s.pad) + "_blocks" + std::to_string(s.in_block) + "and" + std::to_string(s.out_block);
}

std::vector<Case> cases(Algorithm algorithm, const std::vector<UnitStrideShape>& more) {
  std::vector<Case> all;
  for (const UnitStrideShape& shape : std::vector<UnitStrideShape>{{1, 16, 16, 1, 1, 3, 1},
                                                                   {2, 16, 48, 13, 13, 3, 1},
                                                                   {11, 32, 80, 3, 5, 3, 1},
                                                                   {3, 96, 32, 7, 9, 5, 2},
                                                                   {1, 16, 64, 28, 28, 5, 2},
                                                                   {7, 48, 16, 2, 2, 5, 2},
                                                                   {20, 16, 32, 6, 6, 3, 1},
                                                                   {5, 48, 96, 9, 7, 3, 0},
                                                                   {4, 16, 32, 5, 8, 5, 0},
                                                                   {3, 16, 16, 4, 4, 3, 2}})
    all.push_back({algorithm, shape});
  for (const UnitStrideShape& shape : more) all.push_back({algorithm, shape});
  return all;
}

INSTANTIATE_TEST_SUITE_P(Winograd, UnitStrideTest,
                         testing::ValuesIn(cases(Algorithm::kWinograd,
                                                 {{11, 32, 80, 3, 5, 3, 1, 0, 0, 8, 8},
                                                  {4, 16, 32, 5, 8, 5, 0, 0, 0, 16, 8}})),
                         case_name);
// Kernels of other sizes, an image that fills more than a line by itself, batches of several lines: whole
// ones, and a last one with fewer images.
INSTANTIATE_TEST_SUITE_P(Tiles, UnitStrideTest,
                         testing::ValuesIn(cases(Algorithm::kTiles, {{3, 32, 16, 5, 4, 1, 0},
                                                                     {2, 16, 32, 9, 6, 4, 1},
                                                                     {2, 48, 16, 12, 13, 7, 3},
                                                                     {2, 16, 16, 70, 61, 3, 1},
                                                                     {40, 16, 48, 13, 13, 3, 1},
                                                                     {23, 48, 16, 13, 13, 3, 1},
                                                                     {23, 16, 16, 13, 12, 5, 0}})),
                         case_name);

TEST(WinogradTilingTest, StitchesSmallImagesAndLeavesFittingOnesAlone) {
  // 13 x 13 alone needs 9 tiles of 36; on canvases of 3 rows 5.5.
  EXPECT_LT(WinogradConvolution({128, 256, 384, 13, 13, 3, 1}).multiplication_fraction(), 0.24);
  // 28 x 28 is 49 tiles of 16 exactly: 64 of 400 multiplications.
  EXPECT_DOUBLE_EQ(WinogradConvolution({128, 96, 256, 28, 28, 5, 2}).multiplication_fraction(), 0.16);
}

}  // namespace
}  // namespace alexnet::cpu
