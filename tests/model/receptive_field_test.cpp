#include <gtest/gtest.h>

#include "alexnet/error.h"
#include "model/geometry.h"

namespace alexnet {
namespace {

Field rows_of(const NetworkSpec& spec, const char* layer) {
  return receptive_field(spec, layer_index(spec, layer)).rows;
}

// Araujo, Norris & Sim, "Computing receptive fields of convolutional neural networks", Distill 2019, give for
// alexnet_v2 (conv1 without padding, the other convolutions "same"): field 195, stride 32, padding 64.
TEST(ReceptiveFieldTest, IsThatOfThePublishedAlexNet) {
  const auto conv = [](int kernel, int stride, Padding::Mode mode) {
    return Conv{.filters = 2, .kernel = kernel, .stride = stride, .padding = {mode, 0}};
  };
  const auto kSame = Padding::Mode::kSame;
  const NetworkSpec spec{"v2",
                         {3, 224, 224},
                         {{"conv1", conv(11, 4, Padding::Mode::kValid)},
                          {"relu1", Activation{}},
                          {"pool1", Pool{}},
                          {"conv2", conv(5, 1, kSame)},
                          {"pool2", Pool{}},
                          {"conv3", conv(3, 1, kSame)},
                          {"conv4", conv(3, 1, kSame)},
                          {"conv5", conv(3, 1, kSame)},
                          {"pool5", Pool{}},
                          {"flatten", Flatten{}},
                          {"fc", Dense{.units = 2}}}};
  const Field pool5 = rows_of(spec, "pool5");
  EXPECT_EQ(pool5.size, 195);
  EXPECT_EQ(pool5.step, 32);
  EXPECT_EQ(pool5.start, -64);
  EXPECT_EQ(rows_of(spec, "relu1").size, 11);
  EXPECT_EQ(rows_of(spec, "fc").size, 224);
  EXPECT_EQ(rows_of(spec, "fc").start, 0);
}

// By experiment: which input pixels change an output pixel when they change, counted on paper.
TEST(ReceptiveFieldTest, CountsPaddingAndBothAxes) {
  const NetworkSpec spec{
      "",
      {1, 9, 6},
      {{"conv", Conv{.filters = 1, .kernel = 3, .stride = 2, .padding = {Padding::Mode::kSame, 0}}}}};
  // 9 pixels, stride 2: 5 windows reach over 11 pixels, one of padding on either side. 6 pixels: 3 windows
  // reach over 7, one of padding behind.
  const ReceptiveField field = receptive_field(spec, 0);
  EXPECT_EQ(field.rows.start, -1);
  EXPECT_EQ(field.columns.start, 0);
  EXPECT_EQ(field.columns.size, 3);
  EXPECT_EQ(field.columns.step, 2);
}

TEST(ReceptiveFieldTest, FollowsRectanglesAndSquaresWithinAChannel) {
  const NetworkSpec spec{"",
                         {1, 20, 20},
                         {{"conv", Conv{.filters = 1,
                                        .kernel = {3, 5},
                                        .stride = {2, 1},
                                        .padding = {Padding::Mode::kExplicit, {2, 1, 0, 3}}}},
                          {"lrn", Lrn{.size = 3, .region = Lrn::Region::kWithinChannel}}}};
  const ReceptiveField conv = receptive_field(spec, 0), lrn = receptive_field(spec, 1);
  EXPECT_EQ(conv.rows.start, -2);
  EXPECT_EQ(conv.rows.size, 3);
  EXPECT_EQ(conv.rows.step, 2);
  EXPECT_EQ(conv.columns.start, -1);
  EXPECT_EQ(conv.columns.size, 5);
  EXPECT_EQ(conv.columns.step, 1);
  // One pixel more on either side, each a step of the convolution.
  EXPECT_EQ(lrn.rows.start, -4);
  EXPECT_EQ(lrn.rows.size, 7);
  EXPECT_EQ(lrn.columns.start, -2);
  EXPECT_EQ(lrn.columns.size, 7);
}

TEST(ReceptiveFieldTest, RefusesWhatNoImageIsAsLargeAs) {
  constexpr Padding kSame{Padding::Mode::kSame, 0};
  const Pool far{.kernel = 1, .stride = 30'000, .padding = kSame};
  const Pool wide{.kernel = 30'000, .stride = 1, .padding = kSame};
  const auto rows = [](const Pool& first, const Pool& second) {
    return rows_of({"", {1, 9, 9}, {{"first", first}, {"second", second}}}, "second");
  };
  EXPECT_EQ(rows(far, Pool{.kernel = 1, .stride = 1, .padding = kSame}).step, 30'000);
  EXPECT_THROW(rows(far, far), UsageError);
  EXPECT_THROW(rows(far, wide), UsageError);
  EXPECT_THROW(rows(wide, wide), UsageError);
}

}  // namespace
}  // namespace alexnet
