#include "report/near_duplicates.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "alexnet/dataset.h"
#include "image/encode_jpeg.h"
#include "image/resample.h"

namespace alexnet {
namespace {

/// Waves and a blob, different for each seed.
Image scene(int seed, int width = 480, int height = 360) {
  Image image{width, height, 3, {}};
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x)
      for (int c = 0; c < 3; ++c) {
        const double u = static_cast<double>(x) / width, v = static_cast<double>(y) / height;
        const double wave =
            std::sin((3 + seed % 5) * 6.3 * u + seed) * std::cos((2 + seed % 3) * 6.3 * v - seed + c);
        const double blob =
            std::exp(-20 * ((u - 0.1 * (seed % 9)) * (u - 0.1 * (seed % 9)) + (v - 0.5) * (v - 0.5)));
        image.pixels.push_back(static_cast<std::uint8_t>(110 + 55 * wave + 80 * blob));
      }
  return image;
}

Image scaled(const Image& image, int width, int height) {
  return resample(image, {width, height}, {0, 0, width, height});
}

Image darker(Image image) {
  for (std::uint8_t& level : image.pixels) level = static_cast<std::uint8_t>(level - level / 120);
  return image;
}

TEST(NearDuplicates, FindsCopiesAndNothingElse) {
  std::vector<Look> first, second;
  for (int seed = 0; seed < 40; ++seed) second.push_back(look_of(scene(seed)));
  first.push_back(look_of(scaled(scene(7), 240, 180)));
  first.push_back(look_of(darker(scene(20))));
  first.push_back(look_of(scene(33)));
  for (int seed = 100; seed < 140; ++seed) first.push_back(look_of(scene(seed * 7 + 3)));
  const auto pairs = near_duplicates(first, second);
  ASSERT_EQ(pairs.size(), 3U);
  EXPECT_EQ(pairs[0].first, 2U);  // the same to the last bit
  EXPECT_EQ(pairs[0].difference, 0);
  for (const NearDuplicate& pair : pairs)
    EXPECT_EQ(pair.second, (std::vector<std::size_t>{7, 20, 33}[pair.first]));
}

TEST(NearDuplicates, LeavesImagesWithoutContrastOut) {
  const Image flat{20, 20, 1, std::vector<std::uint8_t>(400, 128)};
  const std::vector<Look> looks = {look_of(flat)};
  EXPECT_TRUE(near_duplicates(looks, looks).empty());
}

TEST(Look, OfTheImageSmallerThanItselfIsTheImage) {
  const Image dot{1, 1, 1, {200}};
  const Look look = look_of(dot);
  EXPECT_TRUE(std::all_of(look.levels.begin(), look.levels.end(), [](auto level) { return level == 200; }));
}

// 16 * 140,000,000 does not fit into an int.
TEST(Look, OfAVeryWideImageIsTakenFromAllOfIt) {
  constexpr int kWidth = 140'000'000;
  Image wide{kWidth, 1, 1, std::vector<std::uint8_t>(kWidth, 10)};
  std::fill(wide.pixels.begin() + kWidth / 2, wide.pixels.end(), std::uint8_t{90});
  const Look look = look_of(wide);
  for (std::size_t i = 0; i < look.levels.size(); ++i)
    EXPECT_EQ(look.levels[i], i % Look::kSide < Look::kSide / 2 ? 10 : 90) << i;
}

// What the program reads back is the image, as far as JPEG goes.
TEST(EncodeJpeg, IsReadBack) {
  const std::filesystem::path file = std::filesystem::temp_directory_path() / "alexnet-encode.jpg";
  for (const int channels : {1, 3}) {
    Image image = scene(3);
    if (channels == 1) image = {480, 1080, 1, image.pixels};
    const std::string bytes = encode_jpeg(image, 95);
    std::FILE* out = std::fopen(file.c_str(), "wb");
    std::fwrite(bytes.data(), 1, bytes.size(), out);
    std::fclose(out);
    const Image back = load_image(file, channels);
    ASSERT_EQ(back.pixels.size(), image.pixels.size());
    double difference = 0;
    for (std::size_t i = 0; i < back.pixels.size(); ++i)
      difference += std::abs(back.pixels[i] - image.pixels[i]);
    EXPECT_LT(difference / static_cast<double>(back.pixels.size()), 4);
  }
  std::filesystem::remove(file);
}

}  // namespace
}  // namespace alexnet
