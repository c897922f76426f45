#include <gmock/gmock.h>

#include <algorithm>
#include <functional>
#include <sstream>

#include "alexnet/classifier.h"
#include "alexnet/error.h"
#include "alexnet/model.h"
#include "alexnet/presets.h"
#include "tests/error_text.h"
#include "tests/formats/equal_models.h"
#include "tests/formats/folder.h"

namespace alexnet {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::FloatEq;
using testing::HasSubstr;
using testing::Not;

constexpr const char* kGolden = "caffe/";

std::string exported(const Model& model, const std::string& name = "m.caffemodel") {
  std::ostringstream out;
  export_model(model, out, {.format = "caffe"}, name);
  return out.str();
}

/// Every kind of layer that Caffe has too.
Model all_kinds() {
  using enum Padding::Mode;
  Model model;
  model.spec = {
      "kinds",
      {3, 31, 27},
      {{"conv1",
        Conv{.filters = 6, .kernel = {3, 5}, .stride = {2, 1}, .padding = {kExplicit, {1, 2, 1, 2}}}},
       {"bn1", BatchNorm{.epsilon = 1e-3F}},
       {"relu1", Activation{}},
       {"norm1", Lrn{.size = 3, .convention = Lrn::Convention::kMean}},
       {"pool1", Pool{.rounding = Pool::Rounding::kCeil}},
       {"drop1", Dropout{.rate = 0.25F}},
       {"conv2", Conv{.filters = 4, .kernel = 3, .padding = {kSame, 0}, .groups = 2, .l2 = 0.001F}},
       {"tanh", Activation{Activation::Kind::kTanh}},
       {"norm2", Lrn{.size = 3,
                     .k = 1,
                     .alpha = 0.5F,
                     .convention = Lrn::Convention::kMean,
                     .region = Lrn::Region::kWithinChannel}},
       {"pool2", Pool{.kind = Pool::Kind::kAverage,
                      .kernel = 3,
                      .stride = 2,
                      .padding = {kExplicit, 1},
                      .counts_padding = true}},
       {"flat", Flatten{}},
       {"fc", Dense{.units = 5}},
       {"sigmoid", Activation{Activation::Kind::kSigmoid}},
       {"out", Dense{.units = 3}},
       {"prob", Softmax{}}}};
  model.weights = initial_weights(model.spec, 3);
  float next = 0.5F;
  for (const char* name : {"bn1.weight", "bn1.bias", "bn1.running_mean", "bn1.running_var"}) {
    Tensor tensor(model.weights.at(name).shape);
    for (float& value : tensor.values) value = next += 0.03F;
    model.weights.at(name) = TensorView::own(std::move(tensor));
  }
  model.classes = {"a", "b \"c\"", "d"};
  model.preprocessing = {.resize = {40, 36},
                         .crop_width = 27,
                         .crop_height = 31,
                         .mean = {0.4F, 0.5F, 0.3F},
                         .stddev = {1, 0.3F, 0.25F},
                         .bgr = true,
                         .antialias = false,
                         .floor_crop = true};
  model.provenance = {{"epoch", "3"}};
  return model;
}

Model with_mean_image() {
  Model model = all_kinds();
  Tensor image({3, 40, 36});
  for (std::size_t i = 0; i < image.values.size(); ++i) image.values[i] = static_cast<float>(i) / 7000;
  model.preprocessing.mean_image = TensorView::own(std::move(image));
  model.preprocessing.stddev = {1 / 255.0F, 1 / 255.0F, 1 / 255.0F};
  return model;
}

TEST(Caffe, ComesBackEqualBitByBit) {
  const Folder folder;
  for (const Model& model : {all_kinds(), with_mean_image()}) {
    export_model(model, folder / "m.caffemodel");
    EXPECT_TRUE(std::filesystem::exists(folder / "m.prototxt"));
    expect_equal(load_model(folder / "m.caffemodel"), model);
    // Alone, too.
    expect_equal(load_model(Bytes::own("m.caffemodel", exported(model))), model);
  }
  EXPECT_TRUE(std::filesystem::exists(folder / "m.mean.binaryproto"));
}

// Other programs that change the files keep metadata that no longer holds.
TEST(Caffe, BelievesTheNetworkBeforeTheDescription) {
  const Folder folder;
  export_model(all_kinds(), folder / "m.caffemodel");
  std::string text = Folder::read(folder / "m.prototxt");
  const std::string rate = "dropout_ratio: 0.25";
  text.replace(text.find(rate), rate.size(), "dropout_ratio: 0.75");
  folder.write("m.prototxt", text);
  const StoredWeights stored = load_weights(folder / "m.caffemodel");
  EXPECT_EQ(std::get<Dropout>(stored.spec->layers[5].kind).rate, 0.75F);
  EXPECT_THAT(stored.classes, ElementsAre("0", "1", "2"));
  const Model model = all_kinds();
  for (const auto& [name, tensor] : model.weights)
    EXPECT_TRUE(std::ranges::equal(stored.weights.at(name).values, tensor.values)) << name;
}

TEST(Caffe, RefusesToWriteWhatCaffeDoesNotHave) {
  struct Case {
    const char* says;
    LayerKind layer;
  };
  using enum Padding::Mode;
  const Case cases[] = {
      {"'x' normalises over 4 channels", Lrn{.size = 4}},
      {"'x' normalises within channels", Lrn{.size = 3, .region = Lrn::Region::kWithinChannel}},
      {"'x' computes averages over other padding",
       Pool{.kind = Pool::Kind::kAverage, .padding = {kExplicit, 1}}},
      {"'x' pads one side more", Pool{.kernel = 3, .stride = 1, .padding = {kExplicit, {0, 0, 2, 2}}}},
      {"'x' pads one side more", Conv{.filters = 1, .kernel = 3, .padding = {kExplicit, {2, 0, 0, 0}}}},
      {"'x' computes logarithms", Softmax{.log = true}}};
  for (const Case& c : cases) {
    Model model;
    model.spec = {"n", {2, 8, 8}, {{"x", c.layer}}};
    if (std::holds_alternative<Softmax>(c.layer))
      model.spec.layers.insert(model.spec.layers.begin(), {"f", Flatten{}});
    model.weights = initial_weights(model.spec, 1);
    model.classes.resize(static_cast<std::size_t>(class_count(model.spec)));
    model.preprocessing = {.resize = 8, .crop_width = 8, .crop_height = 8, .mean = {0, 0}, .stddev = {1, 1}};
    EXPECT_THAT(error_text<DataError>([&] { exported(model); }), HasSubstr(c.says));
  }
}

// ---- Files of OpenCV's and protobuf's making: tools/make_caffe_goldens.py

/// The logits of four images, or as many as the file has, within 1e-5 of the largest.
void expect_logits(const Model& model, const std::string& name) {
  const Tensor input = read_npy(golden(kGolden + name + ".input.npy")),
               expected = read_npy(golden(kGolden + name + ".output.npy"));
  const Tensor output = forward(model, input, model.spec.layers.back().name, "reference");
  ASSERT_EQ(output.values.size(), expected.values.size());
  float largest = 0;
  for (const float value : expected.values) largest = std::max(largest, std::abs(value));
  for (std::size_t i = 0; i < output.values.size(); ++i)
    EXPECT_NEAR(output.values[i], expected.values[i], 1e-5F * largest) << i;
}

class GoldenCaffe : public testing::TestWithParam<const char*> {};

TEST_P(GoldenCaffe, ComputesWhatOpenCvComputes) {
  const std::string name = GetParam();
  StoredWeights stored = load_weights(golden(kGolden + name + ".caffemodel"));
  ASSERT_TRUE(stored.spec);
  const Model model{
      .spec = *stored.spec, .weights = stored.weights, .classes = {}, .preprocessing = {}, .provenance = {}};
  expect_logits(model, name);
}

INSTANTIATE_TEST_SUITE_P(Caffe, GoldenCaffe, testing::Values("v1", "v2", "windows", "batch_norm"),
                         [](const auto& name) { return std::string(name.param); });

TEST(Caffe, ReadsFilesOfTheOldForm) {
  const StoredWeights stored = load_weights(golden("caffe/v1.caffemodel"));
  EXPECT_EQ(stored.origin.format, "Caffe");
  EXPECT_EQ(stored.origin.version, "V1 layers");
  EXPECT_EQ(stored.spec->name, "old");
  EXPECT_EQ(stored.origin.sources.at("conv1.weight").name, "conv1 blob 0");
  ASSERT_TRUE(stored.preprocessing);
  const Preprocessing& steps = *stored.preprocessing;
  EXPECT_TRUE(steps.bgr);
  EXPECT_TRUE(steps.floor_crop);
  EXPECT_FALSE(steps.antialias);
  EXPECT_EQ(steps.resize, Resize(16, 16));
  EXPECT_EQ(steps.crop_width, 13);
  EXPECT_THAT(steps.mean, ElementsAre(FloatEq(104 / 255.0F), FloatEq(117 / 255.0F), FloatEq(123 / 255.0F)));
  EXPECT_THAT(steps.stddev, Each(FloatEq(1 / 255.0F / 0.5F)));
}

TEST(Caffe, TakesTheMeanImageBesideTheFile) {
  const StoredWeights stored = load_weights(golden("caffe/v2.caffemodel"));
  ASSERT_TRUE(stored.preprocessing);
  const TensorView& image = stored.preprocessing->mean_image;
  EXPECT_EQ(image.shape, (Shape{3, 16, 18}));
  EXPECT_FLOAT_EQ(image.values[5], 5 / 255.0F);
  EXPECT_EQ(stored.preprocessing->resize, Resize(16, 18));
  // Nothing of a path but the name counts, and no file is read for bytes from elsewhere.
  const StoredWeights alone =
      load_weights(Bytes::own("v2.caffemodel", Folder::read(golden("caffe/v2.caffemodel"))));
  EXPECT_FALSE(alone.preprocessing);
  EXPECT_THAT(alone.origin.assumptions, Contains(testing::Field(&Assumption::what, "mean image")));
}

TEST(Caffe, RefusesOptionsOfOtherFormats) {
  EXPECT_THAT(
      error_text<UsageError>([] { load_weights(golden("python.safetensors"), {.network = "x.prototxt"}); }),
      HasSubstr("--network: has no effect on files of format safetensors"));
}

TEST(Caffe, SaysThatANetworkAloneIsNoModel) {
  const Folder folder;
  EXPECT_THAT(error_text<DataError>([&] { load_weights(folder.write("net.prototxt", "name: 'x'")); }),
              AllOf(HasSubstr("network without weights"), HasSubstr("--network")));
}

/// A .caffemodel with a prototxt of this text.
std::string error_of(const Folder& folder, const std::string& text) {
  export_model(all_kinds(), folder / "m.caffemodel");
  folder.write("m.prototxt", text);
  return error_text<DataError>([&] { load_weights(folder / "m.caffemodel"); });
}

TEST(Caffe, SaysWhatIsWrongWithADefinition) {
  const Folder folder;
  const std::string input = "input: 'data' input_dim: 1 input_dim: 3 input_dim: 31 input_dim: 27\n";
  const auto layer = [](const std::string& kind, const std::string& rest) {
    return "layer { name: 'x' type: '" + kind + "' bottom: 'data' top: 'x' " + rest + " }";
  };
  struct Case {
    const char* says;
    std::string text;
  };
  const Case cases[] = {
      {"m.prototxt: line 1: ':' or '{' is missing", "layer 5"},
      {"m.prototxt: line 2: ends before '}'", "layer {\n"},
      {"a text without an end", "name: 'x"},
      {"too deep",
       [] {
         std::string text;
         for (int i = 0; i < 1000; ++i) text += "a {";
         return text;
       }()},
      {"has more than 200000 fields",
       [] {
         std::string text;
         for (int i = 0; i < 200'001; ++i) text += "a:1 ";
         return text;
       }()},
      {"does not say the size of its input", "layer { name: 'x' type: 'ReLU' }"},
      {"has no layers", input},
      {"layer 'x' (Eltwise): this kind of layer is not supported", input + layer("Eltwise", "")},
      {"layer 'x' (ReLU): has several inputs", input + layer("ReLU", "bottom: 'y'")},
      {"does not read the output of the layer before it",
       input + "layer { name: 'x' type: 'ReLU' bottom: 'y' }"},
      {"its num_output must be from 1", input + layer("Convolution", "convolution_param { kernel_size: 3 }")},
      {"its dilation is more than 1",
       input + layer("Convolution", "convolution_param { num_output: 6 kernel_size: 3 dilation: 2 }")},
      {"its novelty is not supported",
       input + layer("Convolution", "convolution_param { num_output: 6 kernel_size: 3 novelty: 2 }")},
      {"'many' is not a whole number",
       input + layer("InnerProduct", "inner_product_param { num_output: many }")},
      {"'STOCHASTIC'", input + layer("Pooling", "pooling_param { pool: STOCHASTIC kernel_size: 2 }")},
      {"its negative_slope", input + layer("ReLU", "relu_param { negative_slope: 0.1 }")},
      {"only behind a BatchNorm", input + layer("Scale", "")},
      {"no weights for layer 'x'", input + layer("InnerProduct", "inner_product_param { num_output: 2 }")},
      {"conv1 blob 0 has shape 6x3x3x5, but its layer needs 6x3x3x3",
       input + "layer { name: 'conv1' type: 'Convolution' bottom: 'data' top: 'x'"
               " convolution_param { num_output: 6 kernel_size: 3 } }"},
      {"oldest form", input + "layers { layer { name: 'x' type: 'conv' } }"}};
  for (const Case& c : cases)
    EXPECT_THAT(error_of(folder, c.text), HasSubstr(c.says)) << c.text.substr(0, 200);
}

TEST(Caffe, RefusesEveryTruncation) {
  const std::string whole = exported(with_mean_image());
  for (std::size_t size = 0; size < whole.size(); size += 1 + whole.size() / 300)
    EXPECT_THROW(load_model(Bytes::own("m.caffemodel", whole.substr(0, size))), DataError) << size;
}

TEST(Caffe, ReadsEverySpellingOfItsText) {
  const Folder folder;
  Model model = all_kinds();
  model.spec.layers = {{"flat", Flatten{}}, {"out", Dense{.units = 2}}};
  model.spec.input = {1, 2, 2};
  model.weights = initial_weights(model.spec, 1);
  model.classes = {"a", "b"};
  model.preprocessing = {.resize = 2, .crop_width = 2, .crop_height = 2, .mean = {0}, .stddev = {1}};
  export_model(model, folder / "m.caffemodel");
  folder.write(
      "m.prototxt",
      "name: \"a\\142\" 'c' # comment\ninput: 'data'; input_shape < dim: [1, 1, 2, 2] >,\n"
      "layer: { name: 'out', type: 'InnerProduct' bottom: 'data' top: 'out'\n"
      "  inner_product_param { num_output: 2 bias_term: true weight_filler { type: 'xavier' } } }\n"
      "layer { name: 'a/cc' type: 'Accuracy' bottom: 'out' bottom: 'label' include { phase: TEST } }\n"
      "layer { name: 'drop' type: 'Dropout' bottom: 'out' top: 'out' include { phase: TRAIN } }\n"
      "layer { name: 'loss' type: 'SoftmaxWithLoss' bottom: 'out' bottom: 'label' top: 'loss' }\n");
  const StoredWeights stored = load_weights(folder / "m.caffemodel");
  EXPECT_EQ(stored.spec->name, "abc");
  ASSERT_EQ(stored.spec->layers.size(), 3U);
  EXPECT_EQ(stored.spec->layers[0].name, "flatten");
  EXPECT_EQ(stored.spec->layers[2].kind, LayerKind(Softmax{}));
}

}  // namespace
}  // namespace alexnet
