#include "image/resample.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string>
#include <tuple>
#include <vector>

#include "image/preparation.h"
#include "tests/image/pnm.h"

namespace alexnet {
namespace {

const std::string kGolden = std::string(ALEXNET_TEST_DATA) + "/resample/";

// Noise that tools/make_image_goldens.py makes in the same way.
Image pattern(int width, int height, int channels) {
  Image image{width, height, channels, {}};
  for (std::uint32_t y = 0; y < static_cast<std::uint32_t>(height); ++y)
    for (std::uint32_t x = 0; x < static_cast<std::uint32_t>(width); ++x)
      for (std::uint32_t c = 0; c < static_cast<std::uint32_t>(channels); ++c)
        image.pixels.push_back(
            static_cast<std::uint8_t>((x * 7919U + y * 104729U + c * 1299709U + 12345U) * 2654435761U >> 24));
  return image;
}

struct Case {
  std::string name;
  int width = 0, height = 0, channels = 0;
  ScaledSize size;
  CropBox box;
};

std::vector<Case> golden_cases() {
  std::vector<Case> cases;
  std::ifstream file(kGolden + "cases");
  Case c;
  while (file >> c.name >> c.width >> c.height >> c.channels >> c.size.width >> c.size.height >> c.box.left >>
         c.box.top >> c.box.width >> c.box.height)
    cases.push_back(c);
  return cases;
}

class GoldenScaling : public testing::TestWithParam<Case> {};

TEST_P(GoldenScaling, IsPillowsToTheLastBit) {
  const Case& c = GetParam();
  const Image expected = read_pnm(kGolden + c.name + (c.channels == 1 ? ".pgm" : ".ppm"));
  const Image result = resample(pattern(c.width, c.height, c.channels), c.size, c.box);
  EXPECT_EQ(result.width, expected.width);
  EXPECT_EQ(result.height, expected.height);
  EXPECT_EQ(result.channels, expected.channels);
  EXPECT_EQ(result.pixels, expected.pixels);
}

INSTANTIATE_TEST_SUITE_P(Resample, GoldenScaling, testing::ValuesIn(golden_cases()),
                         [](const auto& c) { return c.param.name; });

// tools/make_scaling_goldens.py: images of Pillow, OpenCV and PyTorch.
struct FilterCase {
  std::string name, interpolation;
  int width = 0, height = 0, channels = 0;
  ScaledSize size;
  bool antialias = false;
  int tolerance = 0;  // levels; 0 for those that compute in the same way
};

std::vector<FilterCase> filter_cases() {
  std::vector<FilterCase> cases;
  std::ifstream file(kGolden + "filters");
  FilterCase c;
  while (file >> c.name >> c.width >> c.height >> c.channels >> c.size.width >> c.size.height >>
         c.interpolation >> c.antialias >> c.tolerance)
    cases.push_back(c);
  return cases;
}

class GoldenFilter : public testing::TestWithParam<FilterCase> {};

TEST_P(GoldenFilter, GivesThePixelsOfTheOtherProgram) {
  const FilterCase& c = GetParam();
  const Image expected = read_pnm(kGolden + c.name + (c.channels == 1 ? ".pgm" : ".ppm"));
  const Filter filter{interpolation_from_string(c.interpolation).value(), c.antialias};
  const Image result =
      resample(pattern(c.width, c.height, c.channels), c.size, {0, 0, c.size.width, c.size.height}, filter);
  ASSERT_EQ(result.pixels.size(), expected.pixels.size());
  for (std::size_t i = 0; i < expected.pixels.size(); ++i)
    ASSERT_NEAR(result.pixels[i], expected.pixels[i], c.tolerance) << i;
}

INSTANTIATE_TEST_SUITE_P(Resample, GoldenFilter, testing::ValuesIn(filter_cases()),
                         [](const auto& c) { return c.param.name; });

TEST(Resample, HasFiltersToTestWith) { EXPECT_GE(filter_cases().size(), 15U); }

TEST(Resample, HasCasesToTestWith) { EXPECT_GE(golden_cases().size(), 15U); }

TEST(Resample, ACropIsAPieceOfTheWhole) {
  const Image image = pattern(61, 83, 3);
  const ScaledSize size{40, 55};
  const Image whole = resample(image, size, {0, 0, 40, 55});
  Image piece = pattern(3, 3, 1);  // of another size, to be overwritten
  for (const Filter& filter : {Filter{Interpolation::kNearest, true}, Filter{Interpolation::kBilinear, false},
                               Filter{Interpolation::kBicubic, true}}) {
    const Image all = resample(image, size, {0, 0, 40, 55}, filter);
    const Image one = resample(image, size, {7, 54, 1, 1}, filter);
    EXPECT_EQ(one.pixels[0], all.pixels[static_cast<std::size_t>(3 * (54 * 40 + 7))]);
  }
  for (const CropBox& box : {CropBox{0, 0, 1, 1}, CropBox{39, 54, 1, 1}, CropBox{7, 11, 20, 30}}) {
    resample(image, size, box, piece);
    ASSERT_EQ(piece.pixels.size(), static_cast<std::size_t>(box.width) * box.height * 3);
    for (int y = 0; y < box.height; ++y)
      for (int i = 0; i < 3 * box.width; ++i)
        ASSERT_EQ(piece.pixels[3 * y * box.width + i], whole.pixels[3 * ((y + box.top) * 40 + box.left) + i]);
  }
}

TEST(Resample, TheSameSizeIsACopy) {
  const Image image = pattern(17, 9, 3);
  EXPECT_EQ(resample(image, {17, 9}, {0, 0, 17, 9}).pixels, image.pixels);
}

std::tuple<int, int> scaled(int width, int height, int resize, int min_width, int min_height) {
  const ScaledSize size = scaled_size(width, height, resize, min_width, min_height);
  return {size.width, size.height};
}

// As torchvision.transforms.Resize(256) gives.
TEST(ScaledSize, BringsTheShortSideToResize) {
  EXPECT_EQ(scaled(500, 375, 256, 227, 227), std::tuple(341, 256));
  EXPECT_EQ(scaled(375, 500, 256, 227, 227), std::tuple(256, 341));
  EXPECT_EQ(scaled(224, 224, 256, 227, 227), std::tuple(256, 256));
  EXPECT_EQ(scaled(1, 1000, 256, 227, 227), std::tuple(256, 256000));
  EXPECT_EQ(scaled(4000, 3001, 256, 1, 1), std::tuple(341, 256));
}

TEST(ScaledSize, MakesRoomForTheCrop) {
  EXPECT_EQ(scaled(500, 375, 100, 227, 227), std::tuple(302, 227));
  EXPECT_EQ(scaled(375, 500, 100, 227, 227), std::tuple(227, 302));
  EXPECT_EQ(scaled(375, 500, 256, 400, 200), std::tuple(400, 533));
  EXPECT_EQ(scaled(500, 375, 256, 200, 400), std::tuple(533, 400));
  for (int width = 1; width < 40; ++width)
    for (int height = 1; height < 40; ++height) {
      const ScaledSize size = scaled_size(width, height, 5, 13, 11);
      EXPECT_GE(size.width, 13);
      EXPECT_GE(size.height, 11);
    }
}

TEST(ScaledSize, AStripStaysWithinAnInt) {
  EXPECT_EQ(scaled(1, 200'000'000, 256, 227, 227), std::tuple(256, 2147483647));
  const Image strip = pattern(1, 300'000, 1);
  const ScaledSize size{256, 2147483647};
  EXPECT_EQ(resample(strip, size, {0, size.height - 4, 4, 4}).pixels[0], strip.pixels.back());
}

}  // namespace
}  // namespace alexnet
