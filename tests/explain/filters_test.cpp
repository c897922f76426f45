#include "alexnet/filters.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "alexnet/error.h"
#include "tests/error_text.h"
#include "tests/explain/golden_images.h"

namespace alexnet {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

/// One convolution of sums over 3x3 pixels.
Model summing_model() {
  Model model;
  model.spec = {"sums",
                {1, 16, 16},
                {{"conv", Conv{.filters = 2, .kernel = 3, .padding = {Padding::Mode::kSame, 0}}},
                 {"flatten", Flatten{}}}};
  Tensor kernel(Shape{2, 1, 3, 3});
  std::fill_n(kernel.values.begin(), 9, 1.0F);
  model.weights = {{"conv.weight", TensorView::own(kernel)},
                   {"conv.bias", TensorView::own({{2}, {0.0F, 0.0F}})}};
  model.preprocessing = {.resize = 16, .crop_width = 16, .crop_height = 16, .mean = {0.0F}, .stddev = {1.0F}};
  return model;
}

/// Black but for one pixel.
Image spot(std::size_t row, std::size_t column, std::uint8_t brightness) {
  Image image{16, 16, 1, std::vector<std::uint8_t>(256, 0)};
  image.pixels[row * 16 + column] = brightness;
  return image;
}

TEST(KernelImagesTest, GrayIsZeroAndTheLargestWeightIsFullContrast) {
  Model model;
  model.spec = {"", {3, 4, 4}, {{"first", Conv{.filters = 2, .kernel = 1}}, {"second", Conv{.filters = 1}}}};
  model.weights = {
      {"first.weight", TensorView::own({{2, 3, 1, 1}, {0.5F, -0.5F, 0.0F, 0.01F, 0.0F, 0.005F}})}};
  const KernelImages found = kernel_images(model);
  EXPECT_EQ(found.layer, "first");
  ASSERT_EQ(found.kernels.size(), 2U);
  EXPECT_THAT(found.kernels[0].pixels, ElementsAre(255, 0, 128));
  EXPECT_THAT(found.kernels[1].pixels, ElementsAre(255, 128, 191));
  model.preprocessing.bgr = true;
  EXPECT_THAT(kernel_images(model).kernels[0].pixels, ElementsAre(128, 0, 255));
}

TEST(KernelImagesTest, NetworksWithoutImageKernelsAreRefused) {
  Model model;
  model.spec = {"plain", {3, 1, 1}, {{"fc", Dense{.units = 2}}}};
  EXPECT_THAT(error_text<UsageError>([&] { kernel_images(model); }), HasSubstr("plain"));
}

using Patches = FolderTest;

TEST_F(Patches, AreTheBrightestPlacesOnePerImage) {
  const std::vector<std::filesystem::path> files = {
      write_image("dim.png", spot(5, 9, 100)), write_image("bright.png", spot(0, 0, 250)),
      write_image("none.png", spot(0, 0, 0)), folder_ / "missing.png"};
  for (const char* engine : {"cpu", "reference"}) {
    const StrongestPatches found =
        strongest_patches(summing_model(), "conv", 0, files, {.top = 2, .batch = 3, .engine = engine});
    EXPECT_EQ(found.channels, 2);
    ASSERT_EQ(found.patches.size(), 2U);
    const Patch &first = found.patches[0], &second = found.patches[1];
    EXPECT_EQ(first.file, files[1]);
    EXPECT_NEAR(first.activation, 250.0 / 255, 1e-6);
    // The window around pixel (0, 0) reaches over the border.
    EXPECT_EQ(first.row, 0);
    EXPECT_EQ(first.column, 0);
    EXPECT_THAT(first.image.pixels, ElementsAre(128, 128, 128, 128, 250, 0, 128, 0, 0));
    EXPECT_EQ(second.file, files[0]);
    EXPECT_EQ(second.image.pixels.size(), 9U);
    EXPECT_EQ(second.image.pixels[static_cast<std::size_t>((5 - second.row + 1) * 3 + 9 - second.column + 1)],
              100);
    ASSERT_EQ(found.unreadable.size(), 1U);
    EXPECT_EQ(found.unreadable[0].first, files[3]);
  }
}

TEST_F(Patches, ChannelsThatDoNotExistAreRefused) {
  EXPECT_THAT(error_text<UsageError>([&] { strongest_patches(summing_model(), "conv", 2, {}); }),
              HasSubstr("conv"));
  EXPECT_THROW(strongest_patches(summing_model(), "conv7", 0, {}), UsageError);
}

}  // namespace
}  // namespace alexnet
