// The article's network: sizes, counts and costs. Shapes of other sizes are those of Keras 3.15
// (tools/print_keras_shapes.py).
#include "alexnet/network.h"

#include <gmock/gmock.h>

#include <numeric>

#include "alexnet/error.h"

namespace alexnet {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string> shapes_of(const NetworkSpec& spec, const std::vector<std::string>& layers) {
  const std::vector<Extent> shapes = output_shapes(spec);
  std::vector<std::string> texts;
  texts.reserve(layers.size());
  for (const std::string& layer : layers) texts.push_back(to_string(shapes[layer_index(spec, layer)]));
  return texts;
}

TEST(Article, HasTheShapesOfItsTable) {
  const NetworkSpec spec = build(227, 227, 3, 1000);
  std::vector<std::string> table;
  const std::vector<Extent> shapes = output_shapes(spec);
  for (std::size_t i = 0; i < shapes.size(); ++i)
    table.push_back(spec.layers[i].name + " " + to_string(shapes[i]));
  // pool1 and pool5 as their inputs make them (the printed table has 16x16 and 13x13 there).
  EXPECT_THAT(
      table,
      ElementsAre("conv1 57x57x96", "relu1 57x57x96", "bn1 57x57x96", "pool1 28x28x96", "drop1 28x28x96",
                  "conv2 28x28x256", "relu2 28x28x256", "bn2 28x28x256", "pool2 13x13x256", "drop2 13x13x256",
                  "conv3 13x13x384", "relu3 13x13x384", "bn3 13x13x384", "conv4 13x13x384", "relu4 13x13x384",
                  "bn4 13x13x384", "conv5 13x13x256", "relu5 13x13x256", "bn5 13x13x256", "pool5 6x6x256",
                  "drop5 6x6x256", "flatten 9216", "fc6 4096", "relu6 4096", "bn6 4096", "drop6 4096",
                  "fc7 4096", "relu7 4096", "bn7 4096", "drop7 4096", "fc8 1000", "prob 1000"));
  EXPECT_EQ(class_count(spec), 1000);
}

TEST(Article, HasTheSettingsOfItsCode) {
  const NetworkSpec spec = build(227, 227, 3, 1000, 0.0005);
  for (const ParameterInfo& info : parameters(spec))
    EXPECT_EQ(info.l2, info.role == Role::kKernel ? 0.0005F : 0.0F) << info.name;
  std::vector<float> rates;
  for (const Layer& layer : spec.layers)
    if (const auto* dropout = std::get_if<Dropout>(&layer.kind)) rates.push_back(dropout->rate);
  EXPECT_THAT(rates, ElementsAre(0.25F, 0.25F, 0.25F, 0.5F, 0.5F));
}

TEST(Article, HasExactlyItsParameters) {
  const Summary summary = summarize(build(227, 227, 3, 1000));
  EXPECT_EQ(summary.weights, 62'378'344);
  EXPECT_EQ(summary.normalisation, 38'272);
  std::int64_t all = 0;
  for (const ParameterInfo& info : parameters(build(227, 227, 3, 1000))) all += element_count(info.shape);
  EXPECT_EQ(all, 62'378'344 + 38'272);
}

TEST(Article, CostsWhatWasCounted) {
  const Summary summary = summarize(build(227, 227, 3, 1000));
  // 2 * 57 * 57 * 96 * 363 for conv1, and so on by hand.
  EXPECT_DOUBLE_EQ(summary.layers[0].forward_flops, 226'442'304.0);
  EXPECT_NEAR(summary.forward_flops, 2.354e9, 0.001e9);
  EXPECT_NEAR(summary.training_flops, 6.83e9, 0.01e9);
  EXPECT_DOUBLE_EQ(summary.training_flops, 3 * summary.forward_flops - summary.layers[0].forward_flops);
  EXPECT_EQ(summary.layers[0].activation_bytes, 57 * 57 * 96 * 4);
}

TEST(Article, IsDescribedForPeople) {
  const Summary summary = summarize(build(227, 227, 3, 1000));
  EXPECT_EQ(summary.layers[0].kind, "conv");
  EXPECT_EQ(summary.layers[0].setting, "11x11 / 4");
  EXPECT_EQ(summary.layers[2].kind, "batch norm");
  EXPECT_EQ(summary.layers[2].normalisation, 4 * 96);
  EXPECT_EQ(summary.layers[3].kind, "max pool");
  EXPECT_EQ(summary.layers[3].setting, "3x3 / 2");
  EXPECT_EQ(summary.layers[4].setting, "rate 0.25");
}

struct KerasCase {
  int width, height, depth;
  std::vector<std::string> shapes;  // conv1 pool1 pool2 pool5
};

TEST(Article, HasKerasShapesAtOtherSizes) {
  const std::vector<KerasCase> cases = {{227, 227, 3, {"57x57x96", "28x28x96", "13x13x256", "6x6x256"}},
                                        {64, 64, 1, {"16x16x96", "7x7x96", "3x3x256", "256"}},
                                        {224, 160, 3, {"40x56x96", "19x27x96", "9x13x256", "4x6x256"}},
                                        {63, 101, 3, {"26x16x96", "12x7x96", "5x3x256", "2x1x256"}},
                                        {255, 256, 3, {"64x64x96", "31x31x96", "15x15x256", "7x7x256"}},
                                        {131, 90, 3, {"23x33x96", "11x16x96", "5x7x256", "2x3x256"}},
                                        {57, 227, 3, {"57x15x96", "28x7x96", "13x3x256", "6x1x256"}}};
  for (const KerasCase& keras : cases)
    EXPECT_EQ(
        shapes_of(build(keras.width, keras.height, keras.depth, 10), {"conv1", "pool1", "pool2", "pool5"}),
        keras.shapes)
        << keras.width << "x" << keras.height;
}

TEST(Article, NamesTheLayerThatRunsOutOfPixelsAndTheSmallestSize) {
  const auto error_of = [](int width, int height) -> std::string {
    try {
      build(width, height, 3, 10);
    } catch (const UsageError& error) {
      return error.what();
    }
    return {};
  };
  EXPECT_EQ(error_of(57, 57), "");
  EXPECT_THAT(error_of(56, 57), AllOf(HasSubstr("pool5"), HasSubstr("57x57")));
  EXPECT_THAT(error_of(56, 227), AllOf(HasSubstr("pool5"), HasSubstr("57x227")));
  EXPECT_THAT(error_of(300, 20), AllOf(HasSubstr("pool2"), HasSubstr("300x57")));
  EXPECT_THAT(error_of(1, 1), AllOf(HasSubstr("pool1"), HasSubstr("57x57")));
  EXPECT_THROW(build(0, 57, 3, 10), UsageError);
  EXPECT_THROW(build(2'000'000'000, 2'000'000'000, 3, 10), UsageError);
}

TEST(Network, NamesItsTensorsAsPyTorchDoes) {
  const NetworkSpec spec{"small",
                         {4, 9, 9},
                         {{"c", Conv{.filters = 6, .kernel = 3, .groups = 2}},
                          {"n", BatchNorm{}},
                          {"f", Flatten{}},
                          {"d", Dense{.units = 5}}}};
  std::vector<std::string> tensors;
  for (const ParameterInfo& info : parameters(spec))
    tensors.push_back(info.name + " " + to_string(info.shape) + (info.trainable() ? "" : " moving"));
  EXPECT_THAT(tensors,
              ElementsAre("c.weight 6x2x3x3", "c.bias 6", "n.weight 6", "n.bias 6", "n.running_mean 6 moving",
                          "n.running_var 6 moving", "d.weight 5x294", "d.bias 5"));
}

// Sizes by PyTorch 2's rules: floor((in + before + after - kernel) / stride) + 1, rounded up with ceil_mode.
TEST(Network, MeasuresEachAxisByItself) {
  const auto shape_of = [](const LayerKind& kind) {
    return to_string(output_shapes({"", {3, 10, 13}, {{"layer", kind}}}).front());
  };
  const Padding sides{Padding::Mode::kExplicit, {2, 0, 1, 1}};
  EXPECT_EQ(shape_of(Conv{.filters = 2, .kernel = {3, 5}, .stride = {2, 1}, .padding = sides}), "6x10x2");
  EXPECT_EQ(
      shape_of(Conv{.filters = 2, .kernel = {3, 5}, .stride = {3, 2}, .padding = {Padding::Mode::kSame}}),
      "4x7x2");
  EXPECT_EQ(shape_of(Pool{.kernel = {4, 2}, .stride = {2, 3}}), "4x4x3");
  EXPECT_EQ(shape_of(Pool{.kernel = {3, 4}, .stride = {2, 3}, .rounding = Pool::Rounding::kCeil}), "5x4x3");
}

TEST(Network, SummarizesWhatIsUnusual) {
  const Padding sides{Padding::Mode::kExplicit, {1, 0, 0, 2}};
  const NetworkSpec spec{
      "n",
      {3, 10, 13},
      {{"c", Conv{.filters = 4, .kernel = {1, 5}, .stride = {1, 2}, .padding = {sides.mode, {0, 1, 0, 2}}}},
       {"l", Lrn{.size = 3, .region = Lrn::Region::kWithinChannel}},
       {"p", Pool{.kind = Pool::Kind::kAverage, .kernel = 3, .padding = sides, .counts_padding = true}},
       {"f", Flatten{}},
       {"s", Softmax{.log = true}}}};
  const Summary summary = summarize(spec);
  std::vector<std::string> lines;
  for (const LayerSummary& layer : summary.layers) lines.push_back(layer.kind + ": " + layer.setting);
  EXPECT_THAT(
      lines, ElementsAre("conv: 1x5 / 1x2, pad 0 1 0 2", "lrn: 3x3 k 2 a 0.0001 b 0.75",
                         "average pool: 3x3 / 2, pad 1 0 0 2, counts padding", "flatten: ", "log softmax: "));
  EXPECT_EQ(summary.layers[0].weights, 4 * 3 * 5 + 4);
  // Of 10 rows and (13 + 1 + 2 - 5) / 2 + 1 = 6 columns.
  EXPECT_DOUBLE_EQ(summary.layers[0].forward_flops, 2.0 * 10 * 6 * 4 * 3 * 5);
}

TEST(Network, RefusesWhatCannotCompute) {
  const auto shapes = [](std::vector<Layer> layers) {
    return output_shapes(NetworkSpec{"bad", {3, 16, 16}, std::move(layers)});
  };
  EXPECT_THROW(shapes({{"d", Dense{.units = 5}}}), UsageError);                             // not flat
  EXPECT_THROW(shapes({{"c", Conv{.filters = 4, .kernel = 3, .groups = 2}}}), UsageError);  // 3 in 2 groups
  EXPECT_THROW(shapes({{"c", Conv{.filters = 4}}, {"c", Activation{}}}), UsageError);       // name twice
  EXPECT_THROW(shapes({{"", Activation{}}}), UsageError);                                   // no name
  EXPECT_THROW(shapes({{"block/a", Activation{}}}), UsageError);  // no name for a file
  EXPECT_THROW(shapes({{"f", Flatten{}}, {"s", Softmax{}}, {"r", Activation{}}}), UsageError);
  EXPECT_THROW(shapes({{"d", Dropout{1.0F}}}), UsageError);
  EXPECT_THROW(shapes({{"c", Conv{.filters = 2'000'000'000}}}), UsageError);
  EXPECT_THROW(
      shapes({{"c", Conv{.filters = 16'000'000, .kernel = 60'000, .padding = {Padding::Mode::kSame, 0}}}}),
      UsageError);
  EXPECT_THROW(shapes({{"c", Conv{.filters = 1, .stride = 65'536, .padding = {Padding::Mode::kSame, 0}}}}),
               UsageError);
  EXPECT_NO_THROW(shapes({{"c", Conv{.filters = 1, .stride = 2'000, .padding = {Padding::Mode::kSame, 0}}}}));
  EXPECT_THROW(shapes({{"p", Pool{.kernel = 3, .padding = {Padding::Mode::kExplicit, 3}}}}), UsageError);
  EXPECT_THROW(shapes({{"p", Pool{.kernel = {3, 2}, .padding = {Padding::Mode::kExplicit, 2}}}}), UsageError);
  EXPECT_THROW(shapes({{"p", Pool{.padding = {Padding::Mode::kExplicit, {0, 0, -1, 0}}}}}), UsageError);
  EXPECT_THROW(shapes({{"p", Pool{.stride = {1, 0}}}}), UsageError);
  EXPECT_THROW(shapes({{"p", Pool{.counts_padding = true}}}), UsageError);  // a maximum
  EXPECT_THROW(shapes({{"n", BatchNorm{.epsilon = 0.0F}}}), UsageError);
  EXPECT_THROW(layer_index(build(227, 227, 3, 10), "conv9"), UsageError);
  EXPECT_THROW(class_count(NetworkSpec{}), UsageError);
}

}  // namespace
}  // namespace alexnet
