#include <cairo.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include <chrono>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "alexnet/error.h"
#include "charts/canvas.h"
#include "charts/confusion.h"
#include "charts/curves.h"
#include "tests/error_text.h"
#include "tests/temporary_folder.h"
#include "text/confusion.h"
#include "text/text.h"

namespace alexnet {
namespace {

namespace fs = std::filesystem;

class Charts : public testing::Test {
 protected:
  struct Raster {
    int width = 0, height = 0;
    std::vector<std::uint32_t> pixels;
    std::uint32_t at(int x, int y) const {
      return pixels[static_cast<std::size_t>(y) * width + x] & 0xFFFFFF;
    }
  };
  static Raster read(const fs::path& png) {
    cairo_surface_t* surface = cairo_image_surface_create_from_png(png.c_str());
    EXPECT_EQ(cairo_surface_status(surface), CAIRO_STATUS_SUCCESS);
    Raster raster{cairo_image_surface_get_width(surface), cairo_image_surface_get_height(surface), {}};
    const unsigned char* data = cairo_image_surface_get_data(surface);
    const int stride = cairo_image_surface_get_stride(surface);
    for (int y = 0; y < raster.height; ++y) {
      const auto* row =
          reinterpret_cast<const std::uint32_t*>(data + static_cast<std::ptrdiff_t>(y) * stride);
      raster.pixels.insert(raster.pixels.end(), row, row + raster.width);
    }
    cairo_surface_destroy(surface);
    return raster;
  }
  /// Nothing is cut off at the border: it is white all around.
  static void expect_white_border(const Raster& raster) {
    for (int x = 0; x < raster.width; ++x) {
      ASSERT_EQ(raster.at(x, 0), 0xFFFFFFU) << x;
      ASSERT_EQ(raster.at(x, raster.height - 1), 0xFFFFFFU) << x;
    }
    for (int y = 0; y < raster.height; ++y) {
      ASSERT_EQ(raster.at(0, y), 0xFFFFFFU) << y;
      ASSERT_EQ(raster.at(raster.width - 1, y), 0xFFFFFFU) << y;
    }
  }

  TemporaryFolder own_;
  const fs::path folder_ = own_.path();
};

TEST_F(Charts, TextIsFittedInTimeThatGrowsWithItsLength) {
  Canvas canvas(1, 1);
  const TextStyle style{.size = 12};
  std::string text;
  while (text.size() < 200'000) text += "A long name, Größe 猫. ";
  const auto start = std::chrono::steady_clock::now();
  const std::string fit = canvas.fitted(text, style, 300);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(1));
  EXPECT_LE(canvas.text_width(fit, style), 300);
  EXPECT_GT(canvas.text_width(fit, style), 270);
  EXPECT_TRUE(fit.ends_with("…"));
  EXPECT_EQ(canvas.fitted("short", style, 300), "short");
  EXPECT_EQ(canvas.fitted("too long for this", style, 1), "…");
}

TEST_F(Charts, CurvesTakeWhatRunsGive) {
  const std::vector<std::vector<double>> cases = {{},
                                                  {1.5},
                                                  {NAN, NAN},
                                                  {2.3, NAN, 1.1},
                                                  {119, 2, 0.5},
                                                  {0.1, 0.1, 0.1},
                                                  {INFINITY, 1, 0},
                                                  {1e-9, 1e9},
                                                  std::vector<double>(3000, 0.25)};
  for (const auto& values : cases) {
    draw_curves(folder_ / "c.png", {{"training", values}, {"validation", values}}, {{"top-1", values}});
    expect_white_border(read(folder_ / "c.png"));
  }
}

TEST_F(Charts, CurvesShowTheirSeries) {
  draw_curves(folder_ / "c.png", {{"training", {2, 1}}}, {{"training", {0.1, 0.9}}});
  const Raster raster = read(folder_ / "c.png");
  int coloured = 0;
  for (const std::uint32_t pixel : raster.pixels) {
    const auto red = pixel >> 16 & 0xFF, blue = pixel & 0xFF;
    coloured += blue > red + 100 ? 1 : 0;
  }
  EXPECT_GT(coloured, 1000);
}

TEST_F(Charts, ConfusionTakesAnyNumberOfClasses) {
  for (const std::size_t n : {1U, 2U, 20U, 21U, 300U, 1200U}) {
    std::vector<std::string> classes;
    for (std::size_t i = 0; i < n; ++i)
      classes.push_back("a class with a very long name indeed, number " + std::to_string(i));
    std::vector<std::int64_t> counts(n * n, 123456);
    draw_confusion(folder_ / "m.png", classes, counts);
    const Raster raster = read(folder_ / "m.png");
    expect_white_border(raster);
    EXPECT_LE(raster.width, 3600);
  }
}

TEST_F(Charts, ConfusionMergesNeighboursWhereTheyAreMany) {
  constexpr std::size_t kClasses = 1002;  // two to a cell
  const std::vector<std::string> classes(kClasses, "c");
  std::vector<std::int64_t> right(kClasses * kClasses), swapped(kClasses * kClasses);
  for (std::size_t i = 0; i < kClasses; ++i) {
    right[i * kClasses + i] = 7;
    swapped[i * kClasses + (i ^ 1U)] = 7;
  }
  draw_confusion(folder_ / "right.png", classes, right);
  draw_confusion(folder_ / "swapped.png", classes, swapped);
  EXPECT_EQ(read(folder_ / "right.png").pixels, read(folder_ / "swapped.png").pixels);
}

TEST_F(Charts, SayWhyTheyCannotBeDrawn) {
  EXPECT_THAT(error_text<DeviceError>([] { Canvas(1e6, 10); }), testing::HasSubstr("too big"));
}

TEST_F(Charts, ErrorsLeaveTheOldFile) {
  draw_curves(folder_ / "c.png", {{"training", {1}}}, {});
  EXPECT_THROW(draw_curves(folder_ / "c.png" / "under-a-file.png", {}, {}), DataError);
  EXPECT_THROW(draw_curves("/proc/c.png", {}, {}), DataError);
  expect_white_border(read(folder_ / "c.png"));
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), fs::directory_iterator()), 1);
}

}  // namespace
}  // namespace alexnet
