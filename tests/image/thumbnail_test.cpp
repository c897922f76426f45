#include <gtest/gtest.h>

#include <tuple>
#include <vector>

#include "alexnet/dataset.h"

namespace alexnet {
namespace {

/// In one shade of gray.
Image plain(int width, int height) {
  return {width, height, 1,
          std::vector<std::uint8_t>(static_cast<std::size_t>(width) * static_cast<std::size_t>(height), 90)};
}

TEST(Thumbnail, IsTheImageMadeSmallerInItsOwnShape) {
  for (const auto& [width, height, across, down] :
       {std::tuple(40, 60, 20, 30), {60, 40, 30, 20}, {40'000, 20, 30, 1}, {31, 31, 30, 30}}) {
    const Image small = thumbnail(plain(width, height), 30);
    EXPECT_EQ(small.width, across);
    EXPECT_EQ(small.height, down);
    EXPECT_EQ(small.pixels, plain(across, down).pixels);
  }
}

TEST(Thumbnail, OfASmallImageIsTheImage) {
  Image image = plain(30, 20);
  image.pixels[7] = 10;
  EXPECT_EQ(thumbnail(image, 30).pixels, image.pixels);
}

}  // namespace
}  // namespace alexnet
