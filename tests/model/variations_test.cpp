// What the paper's ideas change in a network, and what they leave alone.
#include "model/variations.h"

#include <gmock/gmock.h>

#include "alexnet/presets.h"

namespace alexnet {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

NetworkSpec network(std::string_view preset, int size, int classes = 10) {
  return find_preset(preset).build(size, size, 3, classes, 0.0002);
}

template <class Kind>
std::vector<std::string> sizes_of(const NetworkSpec& spec) {
  std::vector<std::string> texts;
  const std::vector<Extent> shapes = output_shapes(spec);
  for (std::size_t i = 0; i < shapes.size(); ++i)
    if (std::holds_alternative<Kind>(spec.layers[i].kind))
      texts.push_back(spec.layers[i].name + " " + to_string(shapes[i]));
  return texts;
}

/// Each layer that normalises, behind the one it follows.
std::vector<std::string> normalisations(const NetworkSpec& spec) {
  std::vector<std::string> texts;
  for (std::size_t i = 1; i < spec.layers.size(); ++i) {
    const LayerKind& kind = spec.layers[i].kind;
    if (std::holds_alternative<BatchNorm>(kind) || std::holds_alternative<Lrn>(kind))
      texts.push_back(spec.layers[i - 1].name + " " + spec.layers[i].name);
  }
  return texts;
}

TEST(Activations, AreAllReplaced) {
  NetworkSpec spec = network("article", 57);
  set_activation(spec, Activation::Kind::kTanh);
  int count = 0;
  for (const Layer& layer : spec.layers)
    if (const auto* activation = std::get_if<Activation>(&layer.kind)) {
      EXPECT_EQ(activation->kind, Activation::Kind::kTanh) << layer.name;
      ++count;
    }
  EXPECT_EQ(count, 7);
}

// 55, 27 and 13 are odd: the sizes of the paper stay ("non-overlapping pooling ... produces output of
// equivalent dimensions", section 3.4), and so do its weights.
TEST(Pooling, WithoutOverlapLeavesTheSizesOfThePaper) {
  NetworkSpec spec = network("paper", 227, 1000);
  const auto before = sizes_of<Pool>(spec);
  set_pooling(spec, 2);
  EXPECT_EQ(sizes_of<Pool>(spec), before);
  EXPECT_EQ(summarize(spec).weights, 60'965'224);
  for (const Layer& layer : spec.layers)
    if (const auto* pool = std::get_if<Pool>(&layer.kind)) {
      EXPECT_EQ(pool->kernel, 2);
      EXPECT_EQ(pool->stride, 2);
    }
}

TEST(Pooling, WithoutOverlapLeavesSizesThatCaffeRoundsUp) {
  for (const int size : {32, 31, 30, 29}) {
    NetworkSpec spec = network("cifar-relu-tanh", size);
    const auto before = sizes_of<Pool>(spec);
    set_pooling(spec, 2);
    EXPECT_EQ(sizes_of<Pool>(spec), before) << size;
  }
}

TEST(Pooling, WithoutOverlapGivesAPixelMoreOfEvenSides) {
  NetworkSpec spec = network("article", 227);
  EXPECT_THAT(sizes_of<Pool>(spec), ElementsAre("pool1 28x28x96", "pool2 13x13x256", "pool5 6x6x256"));
  set_pooling(spec, 2);
  EXPECT_THAT(sizes_of<Pool>(spec), ElementsAre("pool1 28x28x96", "pool2 14x14x256", "pool5 7x7x256"));
}

TEST(Pooling, ThatOverlapsIsWhatThePresetsHave) {
  for (const Preset& preset : presets()) {
    const NetworkSpec before = network(preset.name, preset.size);
    NetworkSpec spec = before;
    set_pooling(spec, 3);
    EXPECT_EQ(spec, before) << preset.name;
  }
}

TEST(Normalisation, StandsWhereTheArticleHasIt) {
  const NetworkSpec article = network("article", 57);
  NetworkSpec spec = article;
  set_normalisation(spec, BatchNorm{});
  EXPECT_EQ(spec, article);
  set_normalisation(spec, Lrn{});
  EXPECT_THAT(normalisations(spec),
              ElementsAre("relu1 norm1", "relu2 norm2", "relu3 norm3", "relu4 norm4", "relu5 norm5"));
  EXPECT_EQ(summarize(spec).weights, summarize(article).weights);
  EXPECT_EQ(summarize(spec).normalisation, 0);
  const auto* lrn = std::get_if<Lrn>(&spec.layers[layer_index(spec, "norm1")].kind);
  ASSERT_NE(lrn, nullptr);  // the constants of section 3.3
  EXPECT_EQ(*lrn, (Lrn{5, 2, 1e-4F, 0.75F, Lrn::Convention::kSum}));
}

TEST(Normalisation, StandsWhereThePaperHasIt) {
  NetworkSpec spec = network("paper", 99);
  set_normalisation(spec, BatchNorm{});
  EXPECT_THAT(normalisations(spec), ElementsAre("relu1 bn1", "relu2 bn2"));
  EXPECT_EQ(summarize(spec).normalisation, 4 * (96 + 256));
}

TEST(Normalisation, KeepsConstantsOfItsOwn) {
  const NetworkSpec caffe = network("caffe", 227);
  NetworkSpec spec = caffe;
  set_normalisation(spec, Lrn{});
  EXPECT_EQ(spec, caffe);
}

TEST(Normalisation, GoesBehindTheFirstTwoConvolutionsWhereThereIsNone) {
  NetworkSpec spec = network("cifar-relu-tanh", 32);
  set_normalisation(spec, Lrn{});
  EXPECT_THAT(normalisations(spec), ElementsAre("relu1 norm1", "relu2 norm2"));
  set_normalisation(spec, BatchNorm{});
  EXPECT_THAT(normalisations(spec), ElementsAre("relu1 bn1", "relu2 bn2"));
  set_normalisation(spec, std::nullopt);
  EXPECT_EQ(spec, network("cifar-relu-tanh", 32));
}

TEST(Normalisation, CanBeLeftOut) {
  for (const char* preset : {"article", "paper", "cifar-relu-tanh"}) {
    NetworkSpec spec = network(preset, 227);
    set_normalisation(spec, std::nullopt);
    EXPECT_THAT(normalisations(spec), IsEmpty()) << preset;
    EXPECT_EQ(spec.layers.back().name, "prob");
  }
}

// Section 3.5; Caffe's count of the same network without groups: conv2, 4 and 5 twice as large.
TEST(Towers, ShareTheKernelsOfThreeConvolutions) {
  NetworkSpec spec = network("paper", 227, 1000);
  const NetworkSpec paper = spec;
  set_towers(spec, 1);
  EXPECT_EQ(summarize(spec).weights, 60'965'224 + 256 * 48 * 25 + 384 * 192 * 9 + 256 * 192 * 9);
  set_towers(spec, 2);
  EXPECT_EQ(spec, paper);

  NetworkSpec cifar = network("cifar-relu-tanh", 32);
  set_towers(cifar, 2);
  EXPECT_EQ(summarize(cifar).weights, summarize(network("cifar-relu-tanh", 32)).weights - 32 * 16 * 25);
}

TEST(Width, IsThatOfLayersBetweenImageAndClasses) {
  NetworkSpec spec = network("paper", 227, 1000);
  set_width(spec, 0.25);
  EXPECT_THAT(sizes_of<Conv>(spec), ElementsAre("conv1 55x55x24", "conv2 27x27x64", "conv3 13x13x96",
                                                "conv4 13x13x96", "conv5 13x13x64"));
  EXPECT_THAT(sizes_of<Dense>(spec), ElementsAre("fc6 1024", "fc7 1024", "fc8 1000"));
  set_width(spec, 0.01);
  EXPECT_THAT(sizes_of<Dense>(spec), ElementsAre("fc6 8", "fc7 8", "fc8 1000"));
}

TEST(Variations, SurviveTheModelFile) {
  NetworkSpec spec = network("article", 57);
  set_width(spec, 0.5);
  set_pooling(spec, 2);
  set_normalisation(spec, Lrn{});
  set_towers(spec, 2);
  EXPECT_EQ(spec_from_json(spec_to_json(spec), "test"), spec);
}

}  // namespace
}  // namespace alexnet
