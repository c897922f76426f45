// From a decoded image to the network's input.
#include "image/preparation.h"

#include <gmock/gmock.h>

#include <atomic>
#include <cmath>
#include <fstream>

#include "base/file.h"
#include "data/sources/measure.h"
#include "tests/data/fixtures.h"

namespace alexnet::test {
namespace {

Preprocessing imagenet() {
  Preprocessing p;
  p.resize = 16;
  p.crop_width = 13;
  p.crop_height = 10;
  p.mean = {0.485F, 0.456F, 0.406F};
  p.stddev = {0.229F, 0.224F, 0.225F};
  return p;
}

Image formula_image() {
  Image image{37, 23, 3, {}};
  for (int y = 0; y < image.height; ++y)
    for (int x = 0; x < image.width; ++x)
      for (int c = 0; c < 3; ++c)
        image.pixels.push_back(static_cast<std::uint8_t>((17 + 5 * x + 3 * y + 50 * c) % 251));
  return image;
}

TEST(IsWhole, AsksForChannelsSizeAndPixels) {
  const Image image = formula_image();
  EXPECT_TRUE(is_whole(image, 3));
  EXPECT_FALSE(is_whole(image, 1));
  EXPECT_FALSE(is_whole({37, 23, 3, std::vector<std::uint8_t>(37 * 23 * 3 - 1)}, 3));
  EXPECT_FALSE(is_whole({0, 23, 3, {}}, 3));
  EXPECT_FALSE(is_whole({-1, -6, 1, std::vector<std::uint8_t>(6)}, 1));
}

TEST(Centre, RoundsAsTorchvision) {
  const int expected[] = {0, 0, 1, 2, 2, 2, 3, 4, 4, 4, 5, 6};  // int(round(rest / 2.0)) in Python
  for (int rest = 0; rest < 12; ++rest) EXPECT_EQ(centre(100 + rest, 100, false), expected[rest]) << rest;
}

TEST(Centre, RoundsDownAsCaffe) {
  for (int rest = 0; rest < 12; ++rest) EXPECT_EQ(centre(100 + rest, 100, true), rest / 2) << rest;
}

TEST(Normalisation, IsTheFormulaInFloat32) {
  const std::uint8_t pixels[] = {0, 0, 0, 1, 1, 1, 100, 100, 100, 200, 200, 200, 255, 255, 255};
  // numpy: float32((v / 255 - mean) / standard deviation) with mean and standard deviation of float32,
  // computed in float64.
  const float expected[3][5] = {{-2.1179039478302F, -2.1007792949676514F, -0.40542861819267273F,
                                 1.3070467710494995F, 2.248908281326294F},
                                {-2.0357141494750977F, -2.018207311630249F, -0.28501400351524353F,
                                 1.4656862020492554F, 2.4285714626312256F},
                                {-1.804444432258606F, -1.7870151996612549F, -0.06152500584721565F,
                                 1.6813944578170776F, 2.640000104904175F}};
  std::vector<float> planes(15);
  Normalisation(imagenet(), 3).apply(pixels, 5, {0, 0, 5, 1}, false, planes.data());
  for (std::size_t c = 0; c < 3; ++c)
    for (std::size_t v = 0; v < 5; ++v) EXPECT_EQ(planes[5 * c + v], expected[c][v]) << c << ' ' << v;
}

TEST(Normalisation, CropsMirrorsAndOrders) {
  Preprocessing p;
  p.mean = {0, 0, 0};
  p.stddev = {1 / 255.0F, 1 / 255.0F, 1 / 255.0F};
  const Image image = formula_image();
  for (const bool bgr : {false, true})
    for (const bool mirror : {false, true}) {
      p.bgr = bgr;
      const CropBox box{4, 2, 9, 5};
      std::vector<float> planes(3 * 9 * 5);
      Normalisation(p, 3).apply(image.pixels.data(), image.width, box, mirror, planes.data());
      for (int c = 0; c < 3; ++c)
        for (int y = 0; y < 5; ++y)
          for (int x = 0; x < 9; ++x) {
            const int from_x = mirror ? 12 - x : 4 + x;
            const int from_c = bgr ? 2 - c : c;
            const int pixel = (17 + 5 * from_x + 3 * (2 + y) + 50 * from_c) % 251;
            ASSERT_NEAR(planes[static_cast<std::size_t>((c * 5 + y) * 9 + x)], pixel, 1e-3);
          }
    }
}

/// 3 channels, each value another one.
TensorView mean_image(int height, int width) {
  Tensor tensor({3, height, width});
  for (std::size_t i = 0; i < tensor.values.size(); ++i)
    tensor.values[i] = static_cast<float>(i % 97) / 100 + static_cast<float>(i) / 1e5F;
  return TensorView::own(std::move(tensor));
}

TEST(Normalisation, SubtractsAMeanImageAtThePlaceOfTheCrop) {
  Preprocessing p;
  p.resize = {20, 16};
  p.crop_width = 9;
  p.crop_height = 5;
  p.mean = {0, 0, 0};
  p.stddev = {0.5F, 1, 2};
  const Image image = formula_image();
  const CropBox box{4, 2, 9, 5};
  for (const bool whole : {false, true})
    for (const bool mirror : {false, true}) {
      p.mean_image = whole ? mean_image(20, 16) : mean_image(5, 9);
      std::vector<float> planes(3 * 9 * 5);
      Normalisation(p, 3).apply(image.pixels.data(), image.width, box, mirror, planes.data(), Place{3, 6});
      for (int c = 0; c < 3; ++c)
        for (int y = 0; y < 5; ++y)
          for (int x = 0; x < 9; ++x) {
            const int from_x = mirror ? 8 - x : x;
            const int pixel = (17 + 5 * (4 + from_x) + 3 * (2 + y) + 50 * c) % 251;
            const int i = whole ? (c * 20 + 6 + y) * 16 + 3 + from_x : (c * 5 + y) * 9 + from_x;
            const float mean = p.mean_image.values[static_cast<std::size_t>(i)];
            const float expected =
                (static_cast<float>(pixel) / 255 - mean) / p.stddev[static_cast<std::size_t>(c)];
            ASSERT_NEAR(planes[static_cast<std::size_t>((c * 5 + y) * 9 + x)], expected, 1e-6);
          }
    }
}

// 20 - 5 = 15 leaves 7 rows above the crop where halves are rounded down, and 8 where they become even.
TEST(PrepareImage, TakesTheCentreOfAMeanImage) {
  Preprocessing p;
  p.resize = {20, 16};
  p.crop_width = 9;
  p.crop_height = 5;
  p.mean = {0, 0, 0};
  p.stddev = {1, 1, 1};
  Image image = formula_image();
  image.pixels.assign(image.pixels.size(), 0);
  for (const bool floor : {false, true}) {
    p.floor_crop = floor;
    p.mean_image = mean_image(20, 16);
    std::vector<float> planes(3 * 9 * 5);
    prepare_image(image, p, planes);
    const std::size_t first = (floor ? 7 : 8) * 16 + (floor ? 3 : 4);
    EXPECT_EQ(planes[0], -p.mean_image.values[first]);
    EXPECT_EQ(mean_of_centre(p).values[0], p.mean_image.values[first]);
    EXPECT_EQ(show_image(planes, p).pixels, std::vector<std::uint8_t>(planes.size()));
  }
  p.mean_image = mean_image(19, 16);
  std::vector<float> planes(3 * 9 * 5);
  EXPECT_THROW(prepare_image(image, p, planes), UsageError);
}

TEST(PrepareImage, ScalesToASizeWhateverTheShape) {
  Preprocessing p;
  p.resize = {10, 13};
  p.crop_width = 13;
  p.crop_height = 10;
  p.mean = {0, 0, 0};
  p.stddev = {1 / 255.0F, 1 / 255.0F, 1 / 255.0F};
  const Image image = formula_image(), scaled = resample(image, {13, 10}, {0, 0, 13, 10});
  std::vector<float> planes(3 * 13 * 10);
  prepare_image(image, p, planes);
  for (std::size_t i = 0; i < 130; ++i) ASSERT_NEAR(planes[i], scaled.pixels[3 * i], 1e-3);
  p.crop_height = 11;
  planes.resize(3 * 13 * 11);
  EXPECT_THROW(prepare_image(image, p, planes), UsageError);
}

TEST(PrepareImage, GivesWhatTorchvisionGives) {
  std::ifstream file(ALEXNET_TEST_DATA "/preparation.txt");
  std::vector<float> planes(3 * 13 * 10);
  prepare_image(formula_image(), imagenet(), planes);
  const float level = 1 / 255.0F / 0.224F;  // Pillow's resampling may round one level otherwise
  std::size_t other = 0;
  for (const float value : planes) {
    float expected = 0;
    ASSERT_TRUE(file >> expected);
    ASSERT_NEAR(value, expected, 1.01F * level);
    if (std::abs(value - expected) > 1e-5F) ++other;
  }
  EXPECT_LE(other, planes.size() / 20);
}

TEST(PrepareImage, ChecksItsArguments) {
  std::vector<float> planes(3 * 13 * 10);
  Preprocessing p = imagenet();
  const Image image = formula_image();
  EXPECT_THROW(prepare_image(image, p, std::span(planes).first(5)), UsageError);
  p.stddev[1] = 0;
  EXPECT_THROW(prepare_image(image, p, planes), UsageError);
  p = imagenet();
  p.mean.pop_back();
  EXPECT_THROW(prepare_image(image, p, planes), UsageError);
  p = imagenet();
  p.crop_width = 0;
  EXPECT_THROW(prepare_image(image, p, planes), UsageError);
}

TEST(MeasureChannels, AreMeanAndStddevOfAllPixels) {
  Preprocessing p;
  p.resize = 6;
  p.crop_width = p.crop_height = 6;
  // Images 0, 6, 12 ... of the formula are 6 x 7 pixels: nothing is scaled, one row is cut off at the
  // bottom.
  class Sixth final : public ImageSource {
   public:
    std::size_t size() const override { return 5; }
    int label(std::size_t) const override { return 0; }
    std::string name(std::size_t i) const override { return all_.name(6 * i); }
    Image load(std::size_t i, int channels) const override { return all_.load(6 * i, channels); }

   private:
    FormulaSource all_{30, {12}};
  } source;
  double sum[3] = {}, square[3] = {};
  int count = 0;
  for (const int i : {0, 6, 18, 24})
    for (int y = 0; y < 6; ++y)
      for (int x = 0; x < 6; ++x, ++count)
        for (int c = 0; c < 3; ++c) {
          const double v = (17 * i + 5 * x + 3 * y + 50 * c) % 251 / 255.0;
          sum[c] += v;
          square[c] += v * v;
        }
  for (const int workers : {1, 3}) {
    p.bgr = false;
    const ChannelStatistics rgb = measure_channels(source, p, 3, 1, 100, workers);
    p.bgr = true;
    const ChannelStatistics bgr = measure_channels(source, p, 3, 1, 100, workers);
    for (std::size_t c = 0; c < 3; ++c) {
      const double mean = sum[c] / count;
      EXPECT_NEAR(rgb.mean[c], mean, 1e-6);
      EXPECT_NEAR(rgb.stddev[c], std::sqrt(square[c] / count - mean * mean), 1e-6);
      EXPECT_EQ(bgr.mean[2 - c], rgb.mean[c]);
      EXPECT_EQ(bgr.stddev[2 - c], rgb.stddev[c]);
    }
  }
}

TEST(MeasureChannels, SampleIsSeededAndNothingReadableIsAnError) {
  Preprocessing p;
  p.resize = p.crop_width = p.crop_height = 6;
  const FormulaSource source(50);
  const auto mean = [&](std::uint64_t seed) { return measure_channels(source, p, 1, seed, 5, 2).mean; };
  EXPECT_EQ(mean(1), mean(1));
  EXPECT_NE(mean(1), mean(2));
  const FormulaSource bad(2, {0, 1});
  expect_error<DataError>([&] { measure_channels(bad, p, 3, 1, 5, 2); }, {"none of the sampled"});
}

// Sums without an image that cannot be read now would be others.
TEST(MeasureChannels, WhatCannotBeReadNowIsReadAgain) {
  class Failing final : public ImageSource {
   public:
    explicit Failing(int failures) : failures_(failures) {}
    std::size_t size() const override { return 50; }
    int label(std::size_t) const override { return 0; }
    std::string name(std::size_t i) const override { return all_.name(i); }
    Image load(std::size_t i, int channels) const override {
      if (i == 7 && failures_-- > 0) throw ReadError("7.png", "cannot be read (Input/output error)");
      return all_.load(i, channels);
    }

   private:
    FormulaSource all_{50};
    mutable std::atomic<int> failures_;
  };
  Preprocessing p;
  p.resize = p.crop_width = p.crop_height = 6;
  const auto mean = [&](const ImageSource& source) { return measure_channels(source, p, 1, 0, 50, 2).mean; };
  EXPECT_EQ(mean(Failing(2)), mean(FormulaSource(50)));
  expect_error<ReadError>([&] { mean(Failing(1000)); }, {"7.png", "cannot be read"});
}

// numpy.linalg.eigh(numpy.cov(pixels / 255, bias=True)); an axis may point either way.
TEST(MeasureColourAxes, AreNumPysEigenvectorsAsLongAsTheStddevs) {
  class Sixteen final : public ImageSource {
   public:
    std::size_t size() const override { return 1; }
    int label(std::size_t) const override { return 0; }
    std::string name(std::size_t) const override { return "sixteen"; }
    Image load(std::size_t, int) const override {
      Image image{4, 4, 3, {}};
      for (int i = 0; i < 16; ++i)
        for (const int level : {i * 37, i * 91 + 10, i * i * 13 + 5})
          image.pixels.push_back(static_cast<std::uint8_t>(level % 256));
      return image;
    }
  } source;
  Preprocessing p;
  p.resize = p.crop_width = p.crop_height = 4;
  const std::vector<float> expected = {-0.09190607F, -0.2648241F, 0.1804683F, 0.2608206F, 0.03762533F,
                                       0.1880391F,   -0.1045317F, 0.1188744F, 0.1212053F};
  const std::vector<float> axes = measure_colour_axes(source, p, 0, 1, 1);
  ASSERT_EQ(axes.size(), 9U);
  for (std::size_t axis = 0; axis < 9; axis += 3) {
    const float sign = axes[axis] * expected[axis] < 0 ? -1.0F : 1.0F;
    for (std::size_t c = 0; c < 3; ++c) EXPECT_NEAR(sign * axes[axis + c], expected[axis + c], 1e-5);
  }
}

TEST(MeasureChannels, OneColourHasStddevOne) {
  class Black final : public ImageSource {
   public:
    std::size_t size() const override { return 1; }
    int label(std::size_t) const override { return 0; }
    std::string name(std::size_t) const override { return "black"; }
    Image load(std::size_t, int channels) const override {
      return {8, 8, channels, std::vector<std::uint8_t>(static_cast<std::size_t>(64 * channels))};
    }
  } source;
  Preprocessing p;
  p.resize = p.crop_width = p.crop_height = 6;
  EXPECT_THAT(measure_channels(source, p, 1, 0, 1, 1).stddev, testing::ElementsAre(1.0F));
}

}  // namespace
}  // namespace alexnet::test
