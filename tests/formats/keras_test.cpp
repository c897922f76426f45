// Files of Keras 2 and 3 against Keras's own answers, and this program's own against their models.
// tools/make_keras_format_goldens.py made the files.
#include <gmock/gmock.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <functional>
#include <nlohmann/json.hpp>
#include <span>
#include <sstream>

#include "alexnet/classifier.h"
#include "alexnet/error.h"
#include "alexnet/model.h"
#include "formats/hdf5/read_hdf5.h"
#include "formats/hdf5/write_hdf5.h"
#include "formats/permuted.h"
#include "formats/zip/zip_directory.h"
#include "formats/zip/zip_writer.h"
#include "tests/error_text.h"
#include "tests/formats/equal_models.h"
#include "tests/formats/folder.h"

namespace alexnet {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::Key;

std::filesystem::path keras_file(const std::string& name) { return golden("keras/" + name); }

std::string exported(const Model& model) {
  std::ostringstream out;
  export_model(model, out, {.format = "keras"});
  return out.str();
}

/// Layers of every kind that Keras has, with windows whose axes and sides differ.
Model all_kinds(bool log = false) {
  using enum Padding::Mode;
  constexpr auto kCeil = Pool::Rounding::kCeil;
  const auto average = [](Padding padding, bool counts) {
    return Pool{.kind = Pool::Kind::kAverage,
                .kernel = {2, 3},
                .stride = {1, 2},
                .padding = padding,
                .counts_padding = counts};
  };
  Model model;
  model.spec = {
      "every \"kind\"",
      {4, 40, 96},
      {{"conv", Conv{.filters = 6, .kernel = 4, .stride = 2, .padding = {kSame, 0}, .groups = 2, .l2 = 0.1F}},
       {"relu", Activation{}},
       {"up", Pool{.rounding = kCeil}},
       {"bn", BatchNorm{.epsilon = 0.01F, .momentum = 0.9F}},
       {"inside", average({kSame, 0}, false)},
       {"counts", average({kExplicit, {1, 2, 0, 1}}, true)},
       {"drop", Dropout{0.25F}},
       {"wide", Conv{.filters = 5, .kernel = {3, 2}, .stride = {1, 2}, .padding = {kExplicit, {2, 0, 1, 1}}}},
       {"sigmoid", Activation{Activation::Kind::kSigmoid}},
       {"max", Pool{.kernel = 2, .stride = 1, .padding = {kExplicit, {1, 0, 0, 1}}}},
       {"flat", Flatten{}},
       {"bn again", BatchNorm{}},
       {"fc", Dense{.units = 7}},
       {"tanh", Activation{Activation::Kind::kTanh}},
       {"conv again", Conv{.filters = 5}},
       {"input", Dense{.units = 3, .l2 = 0.5F}},
       {"prob", Softmax{.log = log}}}};
  model.weights = initial_weights(model.spec, 3);
  for (auto& [name, tensor] : model.weights) {  // statistics and biases that are not all the same
    if (tensor.shape.size() != 1) continue;
    Tensor values(tensor.shape);
    for (std::size_t i = 0; i < values.values.size(); ++i)
      values.values[i] = 0.5F + static_cast<float>(i * 7 % 13) / 16;
    tensor = TensorView::own(std::move(values));
  }
  model.classes = {"cat \"tom\"", "🐕", ""};
  model.preprocessing.resize = 96;
  model.preprocessing.crop_width = 96;
  model.preprocessing.crop_height = 40;
  model.preprocessing.mean = {0.1F, 0.2F, 0.3F, 0.4F};
  model.preprocessing.stddev = {1, 0.3F, 0.25F, 0.1F};
  model.preprocessing.bgr = true;
  model.provenance = {{"data", "a folder"}, {"epoch", "3"}};
  return model;
}

/// An archive with other entries.
std::string archive_of(const std::vector<std::pair<std::string, std::string>>& entries) {
  std::ostringstream out;
  ZipWriter zip(out, "m.keras");
  for (const auto& [name, content] : entries) zip.add(name, content);
  zip.finish();
  return out.str();
}
std::string entry_of(const std::string& file, const char* name) {
  const Bytes bytes = Bytes::own("m.keras", file);
  const auto content = read_zip_directory(bytes).at(name).content;
  return {reinterpret_cast<const char*>(content.data()), content.size()};
}
std::string read(const std::string& name) { return Folder::read(keras_file(name)); }
std::string says(const std::string& file, const std::string& name = "m.keras") {
  return error_text<DataError>([&] { load_weights(Bytes::own(name, file)); });
}
/// The archive with another configuration.
std::string with_config(const std::string& file, const std::function<void(json&)>& change) {
  json config = json::parse(entry_of(file, "config.json"));
  change(config);
  return archive_of(
      {{"config.json", config.dump()}, {"model.weights.h5", entry_of(file, "model.weights.h5")}});
}

TEST(Keras, ComesBackEqualBitByBit) {
  for (const bool log : {false, true}) {
    const Model model = all_kinds(log);
    expect_equal(load_model(Bytes::own("m", exported(model))), model);
  }
  const Model article = [] {
    Model model;
    model.spec = build(57, 57, 3, 4);
    model.spec.layers.resize(14);  // up to bn4, which is enough
    model.spec.layers.push_back({"flatten", Flatten{}});
    model.spec.layers.push_back({"fc", Dense{.units = 2}});
    model.weights = initial_weights(model.spec, 1);
    model.classes = {"a", "b"};
    model.preprocessing = {
        .resize = 57, .crop_width = 57, .crop_height = 57, .mean = {0, 0, 0}, .stddev = {1, 1, 1}};
    return model;
  }();
  expect_equal(load_model(Bytes::own("m", exported(article))), article);
}

Tensor formula(const Extent& in) {
  Tensor images({2, in.height, in.width, in.channels});
  for (std::size_t i = 0; i < images.values.size(); ++i)
    images.values[i] = static_cast<float>(static_cast<int>(i * 7 % 13) - 6) / 8;
  return images;
}

/// What other programs see of an exported file: the network without this program's description of it.
TEST(Keras, ComputesTheSameWithoutItsMetadata) {
  const Model model = all_kinds();
  const std::string file = exported(model);
  StoredWeights stored = load_weights(
      Bytes::own("bare.keras", archive_of({{"config.json", entry_of(file, "config.json")},
                                           {"model.weights.h5", entry_of(file, "model.weights.h5")}})));
  EXPECT_FALSE(stored.preprocessing);
  stored.preprocessing = model.preprocessing;
  const Model bare = to_model(std::move(stored), "bare.keras");
  const Tensor images = formula(model.spec.input);
  const Tensor expected = forward(model, images, {}, "reference"),
               answers = forward(bare, images, {}, "reference");
  EXPECT_EQ(answers.values, expected.values);
}

TEST(Keras, WritesTheFileThatKerasRead) {
  const Model model = load_model(golden("../../inference/golden/small.safetensors"));
  EXPECT_EQ(exported(model), read("exported.keras"));
}

TEST(Keras, RefusesToWriteWhatKerasHasNot) {
  Model model = all_kinds();
  const auto refused = [&](std::size_t layer, const LayerKind& kind) {
    Model other = model;
    other.spec.layers[layer].kind = kind;
    return error_text<DataError>([&] { exported(other); });
  };
  EXPECT_THAT(refused(1, Lrn{}), AllOf(HasSubstr("model: cannot be written for Keras: layer 'relu'"),
                                       HasSubstr("no local response normalisation")));
  EXPECT_THAT(refused(8, Activation{Activation::Kind::kTanh}), HasSubstr("layer 'max': pads its windows"));
}

class KerasAnswers : public testing::TestWithParam<std::pair<const char*, const char*>> {};

TEST_P(KerasAnswers, AreEqual) {
  const auto [file, answer] = GetParam();
  const StoredWeights stored = load_weights(keras_file(file));
  ASSERT_TRUE(stored.spec);
  const Model model{
      .spec = *stored.spec, .weights = stored.weights, .classes = {}, .preprocessing = {}, .provenance = {}};
  const Tensor expected = read_npy(keras_file(answer));
  for (const char* engine : {"reference", "cpu"}) {
    const Tensor answers = forward(model, formula(model.spec.input), {}, engine);
    ASSERT_EQ(answers.shape, expected.shape);
    constexpr float kRounding = 2e-6F;  // of sums of some hundred products below 1
    for (std::size_t i = 0; i < expected.values.size(); ++i)
      EXPECT_NEAR(answers.values[i], expected.values[i], kRounding) << engine << " " << i;
  }
}

INSTANTIATE_TEST_SUITE_P(Keras, KerasAnswers,
                         testing::Values(std::pair("sequential3.keras", "sequential3.npy"),
                                         std::pair("sequential3.h5", "sequential3.npy"),
                                         std::pair("sequential2.h5", "sequential2.npy"),
                                         std::pair("functional3.keras", "functional3.npy"),
                                         std::pair("functional2.h5", "functional2.npy")),
                         [](const auto& test) {
                           std::string name = test.param.first;
                           std::ranges::replace(name, '.', '_');
                           return name;
                         });

TEST(Keras, SaysWhereTensorsComeFrom) {
  const StoredWeights stored = load_weights(keras_file("sequential3.keras"));
  EXPECT_EQ(stored.origin.format, "Keras");
  EXPECT_THAT(stored.origin.producer, HasSubstr("Keras 3."));
  // Groups are numbered by class: the layer is called conv2d_7.
  const TensorSource& conv = stored.origin.sources.at("conv1.weight");
  EXPECT_EQ(conv.name, "layers/conv2d/vars/0");
  EXPECT_EQ(conv.shape, (Shape{3, 4, 2, 6}));
  EXPECT_THAT(conv.permutation, ElementsAre(3, 2, 0, 1));
  const TensorSource& dense = stored.origin.sources.at("fc3.weight");
  EXPECT_EQ(dense.view, (Shape{3, 3, 4, 7}));
  EXPECT_THAT(dense.permutation, ElementsAre(3, 2, 0, 1));
  EXPECT_EQ(std::get<Conv>(stored.spec->layers[0].kind).l2, 0.01F);
  const StoredWeights old = load_weights(keras_file("sequential2.h5"));
  EXPECT_THAT(old.origin.sources.at("conv1.weight").name, HasSubstr("model_weights/conv2d_7/"));
}

TEST(Keras, TakesLayersInFrontForPreprocessing) {
  const StoredWeights stored = load_weights(keras_file("sequential3.keras"));
  ASSERT_TRUE(stored.preprocessing);
  for (const float mean : stored.preprocessing->mean) EXPECT_NEAR(mean, 0.5, 1e-6);
  for (const float stddev : stored.preprocessing->stddev) EXPECT_NEAR(stddev, 0.5, 1e-6);
  EXPECT_THAT(stored.origin.assumptions,
              AllOf(Contains(Field(&Assumption::what, "flatten order")),
                    Contains(Field(&Assumption::what, "values before the first layer")),
                    Contains(Field(&Assumption::value, HasSubstr("(RandomFlip)"))),
                    Contains(Field(&Assumption::what, "class names"))));
  // The statistics of Normalization are numbers of the configuration, or of the file.
  for (const char* file : {"functional3.keras", "functional2.h5"}) {
    const StoredWeights normal = load_weights(keras_file(file));
    ASSERT_TRUE(normal.preprocessing) << file;
    for (const float mean : normal.preprocessing->mean) EXPECT_NEAR(mean, 0.5, 0.03) << file;  // of 0..255
    for (const float stddev : normal.preprocessing->stddev) EXPECT_NEAR(stddev, 0.29, 0.02) << file;
  }
}

TEST(Keras, ReadsWeightsWithoutTheirNetwork) {
  const StoredWeights whole = load_weights(keras_file("sequential3.keras"));
  const StoredWeights bare = load_weights(keras_file("sequential3.weights.h5"));
  EXPECT_FALSE(bare.spec);
  EXPECT_THAT(error_text<DataError>([] { load_model(keras_file("sequential3.weights.h5")); }),
              HasSubstr("contains weights but no network"));
  for (const auto& [ours, theirs] :
       {std::pair("conv1.weight", "conv2d.weight"), std::pair("conv2.weight", "conv2d_1.weight"),
        std::pair("bn1.running_var", "batch_normalization.running_var"),
        std::pair("fc3.weight", "dense.weight"), std::pair("fc4.bias", "dense_1.bias")}) {
    const TensorView &one = whole.weights.at(ours), &other = bare.weights.at(theirs);
    EXPECT_EQ(one.shape, other.shape);
    EXPECT_TRUE(std::ranges::equal(one.values, other.values)) << theirs;
  }
  EXPECT_THAT(bare.origin.assumptions, Contains(Field(&Assumption::what, "flatten order")));
}

TEST(Keras, NamesWhatItDoesNotSupport) {
  const std::string good = read("functional3.keras");
  const auto changed = [&](std::size_t layer, const std::function<void(json&)>& change) {
    return says(with_config(good, [&](json& config) { change(config["config"]["layers"][layer]); }));
  };
  EXPECT_EQ(changed(0, [](json&) {}), "no error");
  EXPECT_THAT(changed(4, [](json& layer) { layer["class_name"] = "Lambda"; }),
              AllOf(HasSubstr("m.keras: layer 're_lu"),
                    HasSubstr("(Lambda): layers of this class are not supported")));
  EXPECT_THAT(changed(4, [](json& layer) { layer["registered_name"] = "mine>ReLU"; }),
              HasSubstr("not a layer of Keras itself"));
  EXPECT_THAT(changed(4, [](json& layer) { layer["module"] = "os"; }),
              HasSubstr("not a layer of Keras itself"));
  EXPECT_THAT(changed(4, [](json& layer) { layer["config"]["max_value"] = 6; }),
              HasSubstr("'max_value' is 6"));
  EXPECT_THAT(changed(3,
                      [](json& layer) {
                        layer["config"]["dilation_rate"] = {2, 2};
                      }),
              HasSubstr("'dilation_rate' is more than 1"));
  EXPECT_THAT(changed(3, [](json& layer) { layer["config"]["data_format"] = "channels_first"; }),
              HasSubstr("only 'channels_last'"));
  EXPECT_THAT(changed(3, [](json& layer) { layer["config"]["colour"] = 1; }),
              HasSubstr("'colour' is not known"));
  EXPECT_THAT(changed(3, [](json& layer) { layer["config"]["filters"] = 5; }),
              HasSubstr("has the shape 3x4x3x4"));
  EXPECT_THAT(changed(3, [](json& layer) { layer["config"]["filters"] = 1'000'000'000; }),
              HasSubstr("filters"));
  EXPECT_THAT(changed(0, [](json& layer) { layer["config"]["batch_shape"][1] = nullptr; }),
              HasSubstr("has no fixed size"));
  EXPECT_THAT(changed(5, [](json& layer) { layer["inbound_nodes"] = json::array(); }),
              HasSubstr("reads 0 values: only chains"));
  EXPECT_THAT(says(with_config(good, [](json& config) { config["class_name"] = "Net"; })),
              HasSubstr("a model of class 'Net', whose network is not in the file"));
}

TEST(Keras, RefusesDamagedFiles) {
  const std::string good = read("functional3.keras"), weights = entry_of(good, "model.weights.h5"),
                    config = entry_of(good, "config.json");
  const auto with = [&](const std::string& bytes) {
    return says(archive_of({{"config.json", config}, {"model.weights.h5", bytes}}));
  };
  EXPECT_EQ(with(weights), "no error");
  for (std::size_t length = 1; length < weights.size(); length += 701)
    EXPECT_THAT(with(weights.substr(0, length)), HasSubstr("m.keras: ")) << length;
  EXPECT_THAT(says(archive_of({{"config.json", config}})), HasSubstr("no entry 'model.weights.h5'"));
  EXPECT_THAT(says(good.substr(0, good.size() - 10)), HasSubstr("directory at its end is missing"));
  // Any byte of the headers, which come first.
  for (std::size_t at = 0; at < weights.size(); at += 101) {
    std::string bad = weights;
    bad[at] = static_cast<char>(bad[at] ^ 0x55);
    with(bad);
  }
}

// Small HDF5 files.
hdf5::Content parsed(const std::string& file) {  // views into the text
  return hdf5::read_hdf5(Bytes{.name = "a.h5", .data = std::as_bytes(std::span(file)), .keep = nullptr});
}
std::string hdf5_says(const std::string& file) {
  return error_text<DataError>([&] { parsed(file); });
}
std::string with_values(std::string start, std::size_t count) {
  return start + std::string(count * sizeof(float), '\1');
}

TEST(Hdf5, ComesBackAsItWasWritten) {
  std::vector<hdf5::NewArray> arrays = {{"b", {}}, {"a/empty", {0, 3}}};
  for (int i = 0; i < 700; ++i) arrays.push_back({"many/" + std::to_string(i), {1, 2}});
  const std::string file = with_values(hdf5_without_values(arrays), 1 + 0 + 1400);
  const hdf5::Group root = parsed(file).root;
  EXPECT_THAT(root.groups, testing::UnorderedElementsAre(Key("a"), Key("many")));
  EXPECT_EQ(root.find("many")->datasets.size(), 700U);
  EXPECT_EQ(root.find("many")->datasets.at("699").shape, (Shape{1, 2}));
  EXPECT_EQ(root.find("a")->datasets.at("empty").refused, "");
  EXPECT_EQ(root.datasets.at("b").values.size(), sizeof(float));
  EXPECT_EQ(root.find("none/such"), nullptr);
}

/// A file of one array, in which a number is replaced.
template <class T>
std::string changed(std::size_t at, T value, Shape shape = {4, 2}) {
  std::string file = with_values(hdf5::hdf5_without_values({{"a", std::move(shape)}}), 8);
  std::memcpy(file.data() + at, &value, sizeof value);
  return file;
}

TEST(Hdf5, RefusesWhatIsNotThere) {
  const std::string file = changed(8, '\0');
  const std::size_t shape = file.find(std::string("\1\2\0\0\0\0\0\0\4\0", 10)),
                    layout = file.find("\3\1", shape);
  ASSERT_NE(shape, std::string::npos);
  const auto refused = [](const std::string& bytes) { return parsed(bytes).root.datasets.at("a").refused; };
  EXPECT_EQ(refused(file), "");
  // 10 GB in 1 kB.
  EXPECT_THAT(refused(changed(shape + 8, std::uint64_t{1'250'000'000})), HasSubstr("do not fit its shape"));
  std::string large = changed(shape + 8, std::uint64_t{1'250'000'000});
  const std::uint64_t size = 10'000'000'000, nowhere = ~std::uint64_t{0};
  std::memcpy(large.data() + layout + 10, &size, sizeof size);
  EXPECT_THAT(refused(large), HasSubstr("lies outside of the file"));
  EXPECT_THAT(refused(changed(layout + 2, nowhere)), HasSubstr("has no values"));
  EXPECT_THAT(refused(changed(layout + 1, '\2')), HasSubstr("is stored in chunks"));
  EXPECT_THAT(refused(changed(layout, '\4')), HasSubstr("(version 4)"));
  const std::size_t list = file.find("SNOD");
  EXPECT_THAT(hdf5_says(changed(list + 8 + 16, std::uint32_t{2})),
              HasSubstr("'a' is a link to another place"));
  // The array's header as that of the root: a group within itself.
  std::uint64_t root = 0;
  std::memcpy(&root, file.data() + 64, sizeof root);
  EXPECT_THAT(hdf5_says(changed(list + 8 + 8, root)), HasSubstr("two names for one object"));
  EXPECT_THAT(hdf5_says(changed(8, '\2')), HasSubstr("superblock of version 2"));
  EXPECT_THAT(hdf5_says(file.substr(0, file.size() - 1)), HasSubstr("is truncated"));
  EXPECT_THAT(hdf5_says("\x89HDF\r\n\x1a\n"), HasSubstr("is truncated"));
  EXPECT_THAT(hdf5_says("text"), HasSubstr("is not an HDF5 file"));
  // Data in another file, as an external link or a virtual data set would have it.
  const std::size_t fill = file.find(std::string("\5\0\x8\0", 4), shape);
  EXPECT_THAT(refused(changed(fill, std::uint16_t{7})), HasSubstr("kept in another file"));
}

TEST(Permuted, IsTheDefinition) {
  const Shape view = {3, 4, 70, 2};
  std::vector<float> values(static_cast<std::size_t>(element_count(view)));
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i);
  std::vector<int> order = {0, 1, 2, 3};
  do {
    const std::vector<float> result = permuted(values, view, order);
    std::size_t at = 0;
    std::array<std::int64_t, 4> i{};
    const auto extent = [&](int axis) {
      return view[static_cast<std::size_t>(order[static_cast<std::size_t>(axis)])];
    };
    for (i[0] = 0; i[0] < extent(0); ++i[0])
      for (i[1] = 0; i[1] < extent(1); ++i[1])
        for (i[2] = 0; i[2] < extent(2); ++i[2])
          for (i[3] = 0; i[3] < extent(3); ++i[3]) {
            std::array<std::int64_t, 4> from{};
            for (std::size_t axis = 0; axis < 4; ++axis)
              from[static_cast<std::size_t>(order[axis])] = i[axis];
            const auto index = ((from[0] * view[1] + from[1]) * view[2] + from[2]) * view[3] + from[3];
            ASSERT_EQ(result[at++], values[static_cast<std::size_t>(index)]);
          }
  } while (std::ranges::next_permutation(order).found);
}

}  // namespace
}  // namespace alexnet
