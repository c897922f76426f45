// Images of images: contact sheets, maps over images, PNG files.
#include "charts/sheet.h"

#include <cairo.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <memory>

#include "alexnet/error.h"
#include "charts/heat.h"
#include "charts/png.h"
#include "tests/temporary_folder.h"

namespace alexnet {
namespace {

namespace fs = std::filesystem;

using Rgb = std::array<int, 3>;

Image plain(int width, int height, Rgb colour) {
  Image image{width, height, 3, {}};
  for (int i = 0; i < width * height; ++i)
    for (const int part : colour) image.pixels.push_back(static_cast<std::uint8_t>(part));
  return image;
}

Rgb at(const Image& image, int x, int y) {
  const auto first =
      (static_cast<std::size_t>(y) * static_cast<std::size_t>(image.width) + static_cast<std::size_t>(x)) *
      static_cast<std::size_t>(image.channels);
  return {image.pixels[first], image.pixels[first + 1], image.pixels[first + 2]};
}

class Sheets : public testing::Test {
 protected:
  static Image read(const fs::path& png) {
    cairo_surface_t* surface = cairo_image_surface_create_from_png(png.c_str());
    EXPECT_EQ(cairo_surface_status(surface), CAIRO_STATUS_SUCCESS);
    Image image{cairo_image_surface_get_width(surface), cairo_image_surface_get_height(surface), 3, {}};
    for (int y = 0; y < image.height; ++y) {
      const auto* row = reinterpret_cast<const std::uint32_t*>(cairo_image_surface_get_data(surface) +
                                                               static_cast<std::ptrdiff_t>(y) *
                                                                   cairo_image_surface_get_stride(surface));
      for (int x = 0; x < image.width; ++x)
        for (const int shift : {16, 8, 0}) image.pixels.push_back(static_cast<std::uint8_t>(row[x] >> shift));
    }
    cairo_surface_destroy(surface);
    return image;
  }

  TemporaryFolder own_;
  const fs::path folder_ = own_.path();
};

TEST_F(Sheets, APngHoldsThePixels) {
  Image image{3, 2, 3, {}};
  for (int i = 0; i < 18; ++i) image.pixels.push_back(static_cast<std::uint8_t>(13 * i));
  save_png(folder_ / "a.png", image);
  EXPECT_EQ(read(folder_ / "a.png").pixels, image.pixels);
  save_png(folder_ / "gray.png", {2, 1, 1, {7, 200}});
  EXPECT_EQ(read(folder_ / "gray.png").pixels, (std::vector<std::uint8_t>{7, 7, 7, 200, 200, 200}));
  EXPECT_THROW(save_png(folder_ / "none" / "a.png", image), DataError);
}

TEST_F(Sheets, ImagesKeepTheirShapeAndOrder) {
  // A wide red one, a tall blue one, and a green one that starts the second row.
  // The sides are no whole number of pixels.
  Sheet sheet{"Title", "Subtitle", {}, 2, 100, 11};
  sheet.images = {{plain(40, 20, {255, 0, 0}), {"red"}},
                  {plain(20, 40, {0, 0, 255}), {"blue", "and more, and more, and more of it"}},
                  {plain(5, 5, {0, 255, 0}), {}}};
  draw_sheet(folder_ / "sheet.png", sheet);
  const Image drawn = read(folder_ / "sheet.png");
  struct Box {
    int left = 1 << 20, top = 1 << 20, right = -1, bottom = -1;
    double width() const { return right - left + 1; }
    double height() const { return bottom - top + 1; }
  };
  const auto box = [&](Rgb colour) {
    Box found;
    for (int y = 0; y < drawn.height; ++y)
      for (int x = 0; x < drawn.width; ++x)
        if (at(drawn, x, y) == colour)
          found = {std::min(found.left, x), std::min(found.top, y), std::max(found.right, x),
                   std::max(found.bottom, y)};
    return found;
  };
  const Box red = box({255, 0, 0}), blue = box({0, 0, 255}), green = box({0, 255, 0});
  EXPECT_NEAR(red.width() / red.height(), 2.0, 0.05);
  EXPECT_NEAR(blue.height() / blue.width(), 2.0, 0.05);
  EXPECT_NEAR(red.width(), blue.height(), 2);
  EXPECT_NEAR(green.width(), red.width(), 2);
  EXPECT_GT(blue.left, red.right);
  EXPECT_GT(green.top, blue.bottom);
  EXPECT_NEAR(green.left, red.left, 1);
  const Rgb white = {255, 255, 255};
  for (int x = 0; x < drawn.width; ++x) ASSERT_EQ(at(drawn, x, drawn.height - 1), white) << x;
  for (int y = 0; y < drawn.height; ++y) ASSERT_EQ(at(drawn, drawn.width - 1, y), white) << y;
}

TEST_F(Sheets, AnEmptySheetIsStillAnImage) {
  draw_sheet(folder_ / "empty.png", {"Nothing found", "", {}});
  EXPECT_GT(read(folder_ / "empty.png").width, 50);
}

TEST(HeatImages, ColourSaysSignAndStrength) {
  // Left against, middle nothing, right for.
  const Image gray = plain(30, 10, {100, 100, 100});
  const Image heat = heat_image(gray, std::vector<float>{-2.0F, 0.0F, 2.0F}, 1, 3);
  ASSERT_EQ(heat.width, 30);
  const Rgb against = at(heat, 2, 5), nothing = at(heat, 15, 5), speaks = at(heat, 27, 5);
  EXPECT_GT(against[2], against[0] + 50);
  EXPECT_GT(speaks[0], speaks[2] + 50);
  for (const int part : nothing) EXPECT_NEAR(part, 100, 25);
  // Rows are rows: the same map standing.
  const Image standing =
      heat_image(plain(10, 30, {100, 100, 100}), std::vector<float>{-2.0F, 0.0F, 2.0F}, 3, 1);
  EXPECT_EQ(at(standing, 5, 2), against);
  EXPECT_EQ(at(standing, 5, 27), speaks);
}

TEST(HeatImages, AMapOfNothingLeavesTheImageGray) {
  const Image heat = heat_image(plain(4, 4, {255, 0, 0}), std::vector<float>(4, 0.0F), 2, 2);
  const Rgb red_as_gray = {76, 76, 76};  // 0.299 * 255, as Pillow's convert("L") gives
  for (int i = 0; i < 4; ++i) EXPECT_EQ(at(heat, i, i), red_as_gray);
}

}  // namespace
}  // namespace alexnet
