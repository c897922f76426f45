// The AlexNet family: published counts and sizes.
#include "alexnet/presets.h"

#include <gmock/gmock.h>

#include "alexnet/error.h"
#include "tests/error_text.h"

namespace alexnet {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

NetworkSpec usual(std::string_view name) {
  const Preset& preset = find_preset(name);
  return preset.build(preset.size, preset.size, preset.channels, preset.classes, 0.0002);
}

std::vector<std::string> shapes_of(const NetworkSpec& spec) {
  std::vector<std::string> texts;
  const std::vector<Extent> shapes = output_shapes(spec);
  for (std::size_t i = 0; i < shapes.size(); ++i)
    if (std::holds_alternative<Conv>(spec.layers[i].kind) ||
        std::holds_alternative<Pool>(spec.layers[i].kind))
      texts.push_back(spec.layers[i].name + " " + to_string(shapes[i]));
  return texts;
}

// 60,965,224: Caffe's count of bvlc_alexnet, whose layers are the paper's. 61,100,840: torchvision's of
// alexnet. 62,378,344: the article. The four layers of CIFAR-10: 32 * (5 * 5 * 3 + 1) + 32 * (5 * 5 * 32 + 1)
// + 64 * (5 * 5 * 32 + 1) + 10 * (4 * 4 * 64 + 1) for cuda-convnet's layers-18pct.cfg.
TEST(Presets, HaveTheirPublishedNumberOfWeights) {
  EXPECT_EQ(summarize(usual("article")).weights, 62'378'344);
  EXPECT_EQ(summarize(usual("paper")).weights, 60'965'224);
  EXPECT_EQ(summarize(usual("cuda-convnet")).weights, 60'965'224);
  EXPECT_EQ(summarize(usual("caffe")).weights, 60'965'224);
  EXPECT_EQ(summarize(usual("caffenet")).weights, 60'965'224);
  EXPECT_EQ(summarize(usual("owt")).weights, 61'100'840);
  EXPECT_EQ(summarize(usual("cifar-relu-tanh")).weights, 2'432 + 25'632 + 51'264 + 10'250);
  EXPECT_EQ(presets().size(), 7U);
  EXPECT_EQ(presets().front().name, "article");
}

// torchvision gives 0.71 G multiply-adds for alexnet, Caffe's users count 724 M for bvlc_alexnet.
TEST(Presets, CostWhatIsPublished) {
  EXPECT_NEAR(summarize(usual("owt")).forward_flops / 2, 0.714e9, 0.001e9);
  EXPECT_NEAR(summarize(usual("caffe")).forward_flops / 2, 724e6, 1e6);
}

TEST(Presets, HaveTheSizesOfThePaper) {
  const auto paper = ElementsAre("conv1 55x55x96", "pool1 27x27x96", "conv2 27x27x256", "pool2 13x13x256",
                                 "conv3 13x13x384", "conv4 13x13x384", "conv5 13x13x256", "pool5 6x6x256");
  for (const char* name : {"paper", "cuda-convnet", "caffe", "caffenet"})
    EXPECT_THAT(shapes_of(usual(name)), paper) << name;
  EXPECT_THAT(shapes_of(usual("owt")),
              ElementsAre("conv1 55x55x64", "pool1 27x27x64", "conv2 27x27x192", "pool2 13x13x192",
                          "conv3 13x13x384", "conv4 13x13x256", "conv5 13x13x256", "pool5 6x6x256"));
  // cuda-convnet rounds up: 32, 16, 8, 4.
  EXPECT_THAT(shapes_of(usual("cifar-relu-tanh")),
              ElementsAre("conv1 32x32x32", "pool1 16x16x32", "conv2 16x16x32", "pool2 8x8x32",
                          "conv3 8x8x64", "pool3 4x4x64"));
}

// ceil((size - 3) / 2) + 1, where others have floor: Caffe's pooling_layer.cpp.
TEST(Presets, RoundPoolingUpWhereCaffeDoes) {
  const auto pools = [](std::string_view name) {
    std::vector<std::string> texts;
    for (const std::string& text : shapes_of(find_preset(name).build(231, 231, 3, 10, 0)))
      if (text.starts_with("pool")) texts.push_back(text);
    return texts;
  };
  EXPECT_THAT(pools("caffe"), ElementsAre("pool1 28x28x96", "pool2 14x14x256", "pool5 7x7x256"));
  EXPECT_THAT(pools("paper"), ElementsAre("pool1 27x27x96", "pool2 13x13x256", "pool5 6x6x256"));
}

// The paper, section 5: ones in conv2, 4, 5 and the hidden layers.
TEST(Presets, StartAsThePaperSays) {
  const NetworkSpec spec = usual("paper");
  for (const Layer& layer : spec.layers) {
    const auto* conv = std::get_if<Conv>(&layer.kind);
    const auto* dense = std::get_if<Dense>(&layer.kind);
    if (conv == nullptr && dense == nullptr) continue;
    const Initial& initial = conv != nullptr ? conv->initial : dense->initial;
    EXPECT_EQ(initial.kind, Initial::Kind::kGaussian) << layer.name;
    EXPECT_EQ(initial.stddev, 0.01F) << layer.name;
    const bool ones = layer.name != "conv1" && layer.name != "conv3" && layer.name != "fc8";
    EXPECT_EQ(initial.bias, ones ? 1.0F : 0.0F) << layer.name;
  }
}

TEST(Presets, SurviveTheirModelFile) {
  for (const Preset& preset : presets()) {
    const NetworkSpec spec = usual(preset.name);
    EXPECT_EQ(spec.name, preset.name);
    EXPECT_EQ(spec_from_json(spec_to_json(spec), "test"), spec) << preset.name;
  }
}

TEST(Presets, AreNamedWhenThereIsNone) {
  EXPECT_THAT(error_text<UsageError>([] { find_preset("alexnet"); }), HasSubstr("cifar-relu-tanh"));
  EXPECT_THAT(error_text<UsageError>([] { find_preset("paper").build(60, 227, 3, 10, 0); }),
              HasSubstr("too small"));
}

}  // namespace
}  // namespace alexnet
