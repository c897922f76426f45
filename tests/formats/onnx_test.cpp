// ONNX files of other programs against the answers of ONNX Runtime, and this program's own against their
// models. tools/make_onnx_goldens.py made the files.
#include <gmock/gmock.h>

#include <chrono>
#include <functional>
#include <protozero/pbf_reader.hpp>
#include <protozero/pbf_writer.hpp>
#include <sstream>

#include "alexnet/classifier.h"
#include "alexnet/error.h"
#include "alexnet/model.h"
#include "tests/error_text.h"
#include "tests/formats/equal_models.h"
#include "tests/formats/folder.h"

namespace alexnet {
namespace {

using testing::AllOf;
using testing::HasSubstr;

std::filesystem::path onnx_file(const std::string& name) { return golden("onnx/" + name); }

std::string exported(const Model& model, const ExportOptions& how = {.format = "onnx"}) {
  std::ostringstream out;
  export_model(model, out, how);
  return out.str();
}

/// Layers of every kind, in shapes that ONNX has no single operator for.
Model all_kinds(bool probabilities = true) {
  const Padding same{Padding::Mode::kSame, 0}, one{Padding::Mode::kExplicit, 1};
  Model model;
  model.spec = {"every \"kind\"",
                {4, 15, 13},
                {{"conv", Conv{.filters = 6, .kernel = 4, .stride = 2, .padding = same, .groups = 2}},
                 {"relu", Activation{}},
                 {"norm", Lrn{.size = 3, .alpha = 0.1F}},
                 {"up", Pool{.rounding = Pool::Rounding::kCeil}},
                 {"mean", Lrn{.size = 5, .convention = Lrn::Convention::kMean}},
                 {"bn", BatchNorm{}},
                 {"average", Pool{.kind = Pool::Kind::kAverage, .stride = 1, .padding = one}},
                 {"drop", Dropout{0.25F}},
                 {"sigmoid", Activation{Activation::Kind::kSigmoid}},
                 {"max", Pool{.kernel = 2, .stride = 1, .padding = same}},
                 {"flat", Flatten{}},
                 {"fc", Dense{.units = 7}},
                 {"tanh", Activation{Activation::Kind::kTanh}},
                 {"conv again", Conv{.filters = 5}},
                 {"input", Dense{.units = 3, .l2 = 0.5F}}}};
  if (probabilities) model.spec.layers.push_back({"prob", Softmax{}});
  model.weights = initial_weights(model.spec, 3);
  model.classes = {"cat \"tom\"", "🐕", ""};
  model.preprocessing.resize = 20;
  model.preprocessing.crop_width = 13;
  model.preprocessing.crop_height = 15;
  model.preprocessing.mean = {0.1F, 0.2F, 0.3F, 0.4F};
  model.preprocessing.stddev = {1, 0.3F, 0.25F, 0.1F};
  model.preprocessing.bgr = true;
  model.provenance = {{"data", "a folder"}, {"epoch", "3"}};
  return model;
}

/// Windows whose axes and sides differ.
Model all_windows() {
  const auto average = [](Padding::Mode mode, Sides pad, Pool::Rounding rounding, bool counts) {
    return Pool{.kind = Pool::Kind::kAverage,
                .kernel = {2, 3},
                .stride = {1, 2},
                .padding = {mode, pad},
                .rounding = rounding,
                .counts_padding = counts};
  };
  using enum Padding::Mode;
  constexpr auto kFloor = Pool::Rounding::kFloor, kCeil = Pool::Rounding::kCeil;
  Model model;
  model.spec = {"windows",
                {2, 20, 112},
                {{"wide", Conv{.filters = 3, .kernel = {3, 4}, .stride = {1, 2}, .padding = {kSame, 0}}},
                 {"tall", Conv{.filters = 4, .kernel = {3, 1}, .padding = {kExplicit, {0, 0, 2, 0}}}},
                 {"high", Conv{.filters = 2, .kernel = {4, 2}, .padding = {kExplicit, {3, 1, 0, 1}}}},
                 {"max", Pool{.kernel = {3, 2}, .stride = {2, 1}, .padding = {kExplicit, {1, 0, 0, 0}}}},
                 {"maxup", Pool{.kernel = {2, 3}, .stride = {1, 2}, .rounding = kCeil}},
                 {"counts", average(kExplicit, {1, 2, 0, 1}, kFloor, true)},
                 {"inside", average(kExplicit, {0, 1, 1, 0}, kFloor, false)},
                 {"same", average(kSame, 0, kFloor, true)},
                 {"up", average(kExplicit, {1, 1, 0, 1}, kCeil, true)},
                 {"valid", average(kValid, 0, kFloor, true)},
                 {"flat", Flatten{}},
                 {"fc", Dense{.units = 3}},
                 {"prob", Softmax{.log = true}}}};
  model.weights = initial_weights(model.spec, 5);
  model.classes = {"a", "b", "c"};
  model.preprocessing.resize = 112;
  model.preprocessing.crop_width = 112;
  model.preprocessing.crop_height = 20;
  model.preprocessing.mean = {0.5F, 0.25F};
  model.preprocessing.stddev = {1, 0.5F};
  return model;
}

TEST(Onnx, KeepsTheMeanImage) {
  Model model = all_kinds();
  model.preprocessing.resize = {17, 14};
  model.preprocessing.antialias = false;
  Tensor image({4, 17, 14});
  for (std::size_t i = 0; i < image.values.size(); ++i) image.values[i] = static_cast<float>(i) / 1000;
  model.preprocessing.mean_image = TensorView::own(std::move(image));
  expect_equal(load_model(Bytes::own("m", exported(model, {.format = "onnx"}))), model);
  EXPECT_THAT(error_text<DataError>([&] { exported(model, {.format = "onnx", .with_preprocessing = true}); }),
              AllOf(HasSubstr("its mean is an image"), HasSubstr("without preprocessing")));
}

TEST(Onnx, ComesBackEqualBitByBit) {
  for (const bool with_preprocessing : {false, true})
    for (const bool probabilities : {false, true}) {
      const Model model = all_kinds(probabilities);
      const std::string file = exported(model, {.format = "onnx", .with_preprocessing = with_preprocessing});
      expect_equal(load_model(Bytes::own("m", file)), model);
    }
  expect_equal(load_model(Bytes::own("m", exported(all_windows()))), all_windows());
}

/// The graph of the file: field 7 of a ModelProto.
std::string graph_of(const std::string& file) {
  protozero::pbf_reader model(file);
  return model.next(7) ? model.get_string() : std::string();
}

TEST(Onnx, WritesTheGraphThatOnnxRuntimeChecked) {
  const Model model = load_model(golden("../../inference/golden/small.safetensors"));
  EXPECT_EQ(graph_of(exported(model)), graph_of(Folder::read(onnx_file("small.onnx"))));
}

TEST(Onnx, GoesByTheEndingOfTheName) {
  const Folder folder;
  export_model(all_kinds(), folder / "m.ONNX");
  expect_equal(load_model(folder / "m.ONNX"), all_kinds());
  EXPECT_THAT(error_text<UsageError>([&] { export_model(all_kinds(), folder / "m.clay"); }),
              AllOf(HasSubstr("'.clay'"), HasSubstr("safetensors, onnx, keras")));
  EXPECT_THAT(error_text<UsageError>([&] { exported(all_kinds(), {.format = "clay"}); }),
              HasSubstr("'clay'"));
  EXPECT_THAT(error_text<UsageError>(
                  [&] { exported(all_kinds(), {.format = "safetensors", .with_preprocessing = true}); }),
              HasSubstr("preprocessing"));
}

TEST(Onnx, RefusesToWriteWhatOnnxHasNot) {
  Model model = all_kinds();
  std::get<Lrn>(model.spec.layers[2].kind).size = 4;
  EXPECT_THAT(error_text<DataError>([&] { exported(model); }),
              AllOf(HasSubstr("model: "), HasSubstr("'norm' normalises over 4 channels")));
  std::get<Lrn>(model.spec.layers[2].kind) = {.size = 3, .region = Lrn::Region::kWithinChannel};
  EXPECT_THAT(error_text<DataError>([&] { exported(model); }),
              AllOf(HasSubstr("model: "), HasSubstr("'norm' normalises within channels")));
}

/// What other programs see of an exported file: the graph without this program's description of it.
TEST(Onnx, ComputesTheSameWithoutItsMetadata) {
  for (const Model& model : {all_kinds(), all_windows()}) {
    std::string bytes;
    {
      protozero::pbf_writer to(bytes);
      to.add_int64(1, 8);
      to.add_message(7, graph_of(exported(model)));
      protozero::pbf_writer(to, 8).add_int64(2, 17);
    }
    StoredWeights stored = load_weights(Bytes::own("bare.onnx", bytes));
    EXPECT_FALSE(stored.preprocessing);
    stored.preprocessing = model.preprocessing;
    const Model bare = to_model(std::move(stored), "bare.onnx");
    const Extent& in = model.spec.input;
    Tensor images({2, in.height, in.width, in.channels});
    for (std::size_t i = 0; i < images.values.size(); ++i)
      images.values[i] = static_cast<float>(static_cast<int>(i * 7 % 13) - 6) / 8;
    const Tensor expected = forward(model, images, {}, "reference");
    const Tensor answers = forward(bare, images, {}, "reference");
    ASSERT_EQ(answers.shape, expected.shape);
    constexpr float kRounding = 1e-5F;  // alpha is multiplied by the size
    for (std::size_t i = 0; i < expected.values.size(); ++i)
      EXPECT_NEAR(answers.values[i], expected.values[i], kRounding) << model.spec.name << " " << i;
  }
}

class Answers : public testing::TestWithParam<const char*> {};

TEST_P(Answers, AreThoseOfOnnxRuntime) {
  const std::string name = GetParam();
  const StoredWeights stored = load_weights(onnx_file(name + ".onnx"));
  const Model model{
      .spec = *stored.spec, .weights = stored.weights, .classes = {}, .preprocessing = {}, .provenance = {}};
  const Extent& in = model.spec.input;
  Tensor images({2, in.height, in.width, in.channels});
  const bool last = name == "channels_last";  // the order in which the formula counts
  std::size_t at = 0;
  const auto size = static_cast<std::size_t>(in.size());
  const auto channels = static_cast<std::size_t>(in.channels), pixels = size / channels;
  for (float& value : images.values) {
    const std::size_t image = at / size, pixel = at % size / channels, channel = at % channels;
    const std::size_t i = last ? at : image * size + channel * pixels + pixel;
    value = static_cast<float>(static_cast<int>(i * 7 % 13) - 6) / 8;
    ++at;
  }
  const Tensor expected = read_npy(onnx_file(name + ".npy"));
  for (const char* engine : {"reference", "cpu"}) {
    const Tensor answers = forward(model, images, {}, engine);
    ASSERT_EQ(answers.shape, expected.shape);
    constexpr float kRounding = 2e-6F;  // of sums of some hundred products below 1
    for (std::size_t i = 0; i < expected.values.size(); ++i)
      EXPECT_NEAR(answers.values[i], expected.values[i], kRounding) << engine << " " << i;
  }
}

INSTANTIATE_TEST_SUITE_P(Onnx, Answers, testing::Values("older", "newer", "channels_last", "windows"),
                         [](const auto& test) { return std::string(test.param); });

TEST(Onnx, SaysWhereTensorsComeFrom) {
  const StoredWeights stored = load_weights(onnx_file("channels_last.onnx"));
  EXPECT_EQ(stored.origin.format, "ONNX");
  EXPECT_EQ(stored.origin.version, "opset 13");
  const TensorSource& source = stored.origin.sources.at("fc2.weight");
  EXPECT_EQ(source.name, "w2");
  EXPECT_EQ(source.permutation, (std::vector{0, 3, 1, 2}));
  EXPECT_EQ(source.view, (Shape{5, 4, 3, 4}));
  EXPECT_THAT(error_text<DataError>([&] { load_model(onnx_file("channels_last.onnx")); }),
              HasSubstr("does not say how images are prepared"));
}

TEST(Onnx, RefusesEveryTruncation) {
  const std::string good = Folder::read(onnx_file("newer.onnx"));
  for (std::size_t length = 1; length < good.size(); ++length)
    EXPECT_THROW(load_weights(Bytes::own("cut.onnx", good.substr(0, length))), DataError) << length;
}

// Small files by hand: one message inside another.
using Writer = protozero::pbf_writer;
std::string message(const std::function<void(Writer&)>& fill) {
  std::string bytes;
  Writer writer(bytes);
  fill(writer);
  return bytes;
}
std::string node(const std::string& op, const std::vector<std::string>& inputs, const std::string& output,
                 const std::string& attributes = {}) {
  return message([&](Writer& to) {
           for (const std::string& input : inputs) to.add_string(1, input);
           to.add_string(2, output);
           to.add_string(3, "the node");
           to.add_string(4, op);
         }) +
         attributes;
}
std::string integers(const std::string& name, const std::vector<std::int64_t>& values) {
  const std::string attribute = message([&](Writer& to) {
    to.add_string(1, name);
    for (const std::int64_t value : values) to.add_int64(8, value);
  });
  return message([&](Writer& to) { to.add_message(5, attribute); });
}
std::string tensor(const std::string& name, const Shape& shape, const std::string& rest) {
  return message([&](Writer& to) {
           for (const std::int64_t extent : shape) to.add_int64(1, extent);
           to.add_int32(2, 1);
           to.add_string(8, name);
         }) +
         rest;
}
std::string zeros(std::size_t count) {
  return message([&](Writer& to) { to.add_bytes(9, std::string(4 * count, '\0')); });
}
std::string value(const std::string& name, const Shape& shape) {
  return message([&](Writer& to) {
    to.add_string(1, name);
    Writer type(to, 2), tensor_type(type, 1), dimensions(tensor_type, 2);
    for (const std::int64_t extent : shape) Writer(dimensions, 1).add_int64(1, extent);
  });
}
std::string file(const std::vector<std::string>& nodes, const std::vector<std::string>& tensors = {},
                 const std::string& output = "y", const Shape& input = {1, 2, 8, 8}) {
  return message([&](Writer& to) {
    to.add_int64(1, 8);
    {
      Writer graph(to, 7);
      for (const std::string& one : nodes) graph.add_message(1, one);
      for (const std::string& one : tensors) graph.add_message(5, one);
      graph.add_message(11, value("x", input));
      graph.add_message(12, value(output, {1, 2}));
    }
    Writer(to, 8).add_int64(2, 17);
  });
}
std::string says(const std::string& bytes) {
  return error_text<DataError>([&] { load_weights(Bytes::own("bad.onnx", bytes)); });
}

TEST(Onnx, NamesWhatItDoesNotSupport) {
  const std::string weights = tensor("w", {4, 2, 3, 3}, zeros(72));
  const auto conv = [&](const std::string& attributes) {
    return says(file({node("Conv", {"x", "w"}, "y", attributes)}, {weights}));
  };
  EXPECT_EQ(conv(""), "no error");
  EXPECT_EQ(conv(integers("strides", {1, 2}) + integers("pads", {0, 1, 2, 0})), "no error");
  EXPECT_EQ(conv(integers("strides", {1, 0})),
            "bad.onnx: node 'the node' (Conv): its attribute 'strides' contains 0, out of range");
  EXPECT_THAT(conv(integers("pads", {0, 1, 3, 0})), HasSubstr("padding"));
  EXPECT_THAT(conv(integers("dilations", {2, 2})), HasSubstr("'dilations'"));
  EXPECT_THAT(conv(integers("colour", {1})), HasSubstr("'colour' is not known"));
  EXPECT_THAT(says(file({node("Elu", {"x"}, "y")})), HasSubstr("(Elu): the operator is not supported"));
  EXPECT_THAT(says(file({node("Relu", {"x"}, "a"), node("Relu", {"x"}, "y")})),
              HasSubstr("reads 'x', which another node reads too"));
  EXPECT_THAT(says(file({node("Add", {"x", "x"}, "y")})), HasSubstr("only chains"));
}

TEST(Onnx, RefusesDamagedGraphs) {
  EXPECT_THAT(says(file({node("Relu", {"b"}, "y"), node("Relu", {"y"}, "b")})),
              HasSubstr("reads 'b', which no node before it computes"));  // a cycle
  EXPECT_THAT(says(file({node("Relu", {"x"}, "a")})), HasSubstr("its output is 'y', its last value 'a'"));
  EXPECT_THAT(says(file({node("Conv", {"x", "w"}, "y")})), HasSubstr("reads 'w'"));
  const auto with = [](const std::string& weights) {
    return says(file({node("Conv", {"x", "w"}, "y")}, {weights}));
  };
  EXPECT_THAT(with(tensor("w", {4, 3, 3, 3}, zeros(108))), HasSubstr("do not fit 2 channels"));
  EXPECT_THAT(with(tensor("w", {4, 2, 3, 3}, zeros(71))), HasSubstr("tensor 'w' has 284 bytes"));
  EXPECT_THAT(with(tensor("w", {-4, 2, 3, 3}, zeros(72))), HasSubstr("negative size"));
  // 10 GB that are not there.
  EXPECT_THAT(with(tensor("w", {1 << 23, 2, 7, 7}, zeros(1))), HasSubstr("MB of weights"));
}

TEST(Onnx, ReadsOtherFilesOnlyBesideItself) {
  const auto external = [](const std::string& location) {
    const auto entry = [](const std::string& key, const std::string& text) {
      return message([&](Writer& to) {
        to.add_string(1, key);
        to.add_string(2, text);
      });
    };
    return tensor("w", {4, 2, 3, 3}, message([&](Writer& to) {
                    to.add_message(13, entry("location", location));
                    to.add_message(13, entry("offset", "8"));
                    to.add_int32(14, 1);
                  }));
  };
  const Folder folder;
  folder.write("w.bin", std::string(8 + 4 * 72, '\0'));
  std::filesystem::create_symlink("w.bin", folder / "link.bin");
  const auto said = [&](const std::string& location) {
    const auto path = folder.write("m.onnx", file({node("Conv", {"x", "w"}, "y")}, {external(location)}));
    return error_text<DataError>([&] { load_weights(path); });
  };
  EXPECT_EQ(said("w.bin"), "no error");
  EXPECT_THAT(said("../w.bin"), HasSubstr("not in the folder"));
  EXPECT_THAT(said((folder / "w.bin").string()), HasSubstr("not in the folder"));
  EXPECT_THAT(said("link.bin"), HasSubstr("is a link"));
  EXPECT_THAT(said("none.bin"), HasSubstr("is missing"));
  std::filesystem::create_hard_link(folder / "w.bin", folder / "twin.bin");
  EXPECT_THAT(said("twin.bin"), HasSubstr("is a link"));
  EXPECT_THAT(says(file({node("Conv", {"x", "w"}, "y")}, {external("w.bin")})),
              HasSubstr("beside a file on disk"));
}

TEST(Onnx, ReadsAMillionNodesInLinearTime) {
  const auto chain = [](int length, const char* op) {
    std::vector<std::string> nodes;
    for (int i = 0; i < length; ++i)
      nodes.push_back(node(op, {i == 0 ? "x" : std::to_string(i)}, std::to_string(i + 1)));
    nodes.push_back(node("Flatten", {std::to_string(length)}, "y"));
    return file(nodes);
  };
  EXPECT_EQ(says(chain(1'000'000, "Identity")), "no error");
  EXPECT_THAT(says(chain(1'000'000, "Relu")), HasSubstr("more than 10000 layers"));
}

}  // namespace
}  // namespace alexnet
