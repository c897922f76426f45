#include "alexnet/classifier.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <sstream>
#include <thread>

#include "alexnet/error.h"
#include "tests/inference/golden.h"

namespace alexnet {
namespace {

using testing::HasSubstr;

/// Runs with each engine.
class Classifying : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Engines, Classifying, testing::Values("reference", "cpu"),
                         [](const auto& engine) { return std::string(engine.param); });

void expect_row(const std::vector<Prediction>& predictions, std::size_t row) {
  const std::vector<float> expected = expected_probabilities();
  ASSERT_EQ(predictions.size(), kClasses);
  for (std::size_t i = 0; i < predictions.size(); ++i) {
    const Prediction& one = predictions[i];
    EXPECT_EQ(one.name, "class " + std::to_string(one.index));
    EXPECT_NEAR(one.probability, expected[row * kClasses + static_cast<std::size_t>(one.index)], 1e-5);
    if (i > 0) {
      EXPECT_LE(one.probability, predictions[i - 1].probability);
    }
  }
}

std::vector<std::string> contents_of(const std::vector<std::filesystem::path>& files) {
  std::vector<std::string> contents;
  for (const auto& file : files) {
    std::ostringstream content;
    content << std::ifstream(file, std::ios::binary).rdbuf();
    contents.push_back(content.str());
  }
  return contents;
}

TEST_P(Classifying, GivesWhatTorchGives) {
  for (const int batch : {1, 2, 5, 8}) {
    Classifier classifier(small_model(), {.batch = batch, .top = 10, .engine = GetParam()});
    for (int round = 0; round < 2; ++round) {
      const std::vector<Classification> results = classifier.classify(images());
      ASSERT_EQ(results.size(), kImages);
      for (std::size_t i = 0; i < results.size(); ++i) {
        EXPECT_EQ(results[i].file, images()[i].string());
        EXPECT_EQ(results[i].error, "");
        expect_row(results[i].predictions, i);
      }
    }
    expect_row(classifier.classify(load_image(images()[3], 3)), 3);
  }
}

TEST_P(Classifying, ABadImageIsItsOwnErrorOnly) {
  std::vector<std::filesystem::path> files = images();
  files.insert(files.begin() + 1, golden("input.npy"));
  files.push_back(golden("missing.png"));
  Classifier classifier(small_model(), {.batch = 3, .top = 2, .engine = GetParam()});
  const std::vector<Classification> results = classifier.classify(files);
  ASSERT_EQ(results.size(), files.size());
  const std::vector<float> expected = expected_probabilities();
  for (std::size_t i = 0; i < files.size(); ++i) {
    const bool bad = i == 1 || i + 1 == files.size();
    EXPECT_EQ(results[i].error.empty(), !bad) << results[i].error;
    EXPECT_EQ(results[i].predictions.size(), bad ? 0U : 2U);
    if (bad) continue;
    const std::size_t row = i == 0 ? 0 : i - 1;
    const auto first = expected.begin() + static_cast<std::ptrdiff_t>(row * kClasses);
    EXPECT_EQ(results[i].predictions[0].index, std::max_element(first, first + kClasses) - first);
  }
  EXPECT_TRUE(classifier.classify(std::span<const std::filesystem::path>()).empty());
}

TEST_P(Classifying, PathsBytesAndPixelsAreTheSameImages) {
  const std::vector<std::string> contents = contents_of(images());
  std::vector<ImageInput> mixed;
  for (std::size_t i = 0; i < contents.size(); ++i) {
    if (i % 3 == 0) mixed.emplace_back(images()[i]);
    if (i % 3 == 1) mixed.emplace_back(Bytes{"bytes", std::as_bytes(std::span(contents[i])), {}});
    if (i % 3 == 2) mixed.emplace_back(load_image(images()[i], 3));
  }
  mixed.emplace_back(Image{20, 20, 3, {}}, "broken");
  mixed.emplace_back(Bytes::own("text", "no image"));
  Classifier classifier(small_model(), {.batch = 3, .top = 10, .engine = GetParam()});
  const std::vector<Classification> results = classifier.classify(mixed);
  ASSERT_EQ(results.size(), kImages + 2);
  for (std::size_t i = 0; i < kImages; ++i) {
    EXPECT_EQ(results[i].error, "");
    expect_row(results[i].predictions, i);
    expect_row(classifier.classify(Bytes{"bytes", std::as_bytes(std::span(contents[i])), {}}), i);
  }
  EXPECT_EQ(results[0].file, images()[0].string());
  EXPECT_EQ(results[1].file, "bytes");
  EXPECT_EQ(results[2].file, "image");
  EXPECT_EQ(results[5].file, "broken");
  EXPECT_THAT(results[5].error, HasSubstr("3 channels"));
  EXPECT_THAT(results[6].error, HasSubstr("JPEG, PNG, WebP,"));
}

TEST_P(Classifying, SeveralThreadsUseOneModel) {
  const Model model = small_model();
  constexpr std::size_t kThreads = 3;
  std::array<std::vector<Classification>, kThreads> results;
  {
    std::vector<std::jthread> threads;
    for (auto& result : results)
      threads.emplace_back([&] {
        Classifier classifier(model, {.batch = 2, .top = 10, .engine = GetParam()});
        for (int round = 0; round < 20; ++round) result = classifier.classify(images());
      });
  }
  Classifier alone(model, {.batch = 2, .top = 10, .engine = GetParam()});
  const std::vector<Classification> expected = alone.classify(images());
  for (const auto& result : results) {
    ASSERT_EQ(result.size(), expected.size());
    for (std::size_t i = 0; i < result.size(); ++i)
      for (std::size_t p = 0; p < expected[i].predictions.size(); ++p) {
        EXPECT_EQ(result[i].predictions[p].index, expected[i].predictions[p].index);
        EXPECT_EQ(result[i].predictions[p].probability, expected[i].predictions[p].probability);
      }
  }
}

TEST(Classifier, GivesProbabilitiesWithoutASoftmaxLayerToo) {
  Model model = small_model();
  model.spec.layers.pop_back();
  Classifier classifier(std::move(model), {.batch = 1, .top = 10, .engine = "reference"});
  expect_row(classifier.classify(load_image(images()[0], 3)), 0);
}

TEST(Classifier, RefusesWhatDoesNotFit) {
  EXPECT_THROW(Classifier(small_model(), {.batch = 0}), UsageError);
  EXPECT_THROW(Classifier(small_model(), {.top = 0}), UsageError);
  EXPECT_THROW(Classifier(small_model(), {.engine = "abacus"}), UsageError);
  Classifier classifier(small_model(), {.engine = "reference"});
  EXPECT_THROW(classifier.classify(load_image(images()[0], 1)), UsageError);
  EXPECT_THROW(classifier.classify(Image{20, 20, 3, {}}), UsageError);
  EXPECT_THROW(classifier.classify(Bytes::own("text", "no image")), DataError);
}

class Forward : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Engines, Forward, testing::Values("reference", "cpu"),
                         [](const auto& engine) { return std::string(engine.param); });

TEST_P(Forward, GivesEveryLayerAsTorchDoes) {
  const Model model = small_model();
  const Tensor input = read_npy(golden("input.npy"));
  for (const char* layer : {"conv", "relu", "bn", "pool", "flat", "fc", "prob", ""}) {
    const std::string name = *layer == '\0' ? "prob" : layer;
    const Tensor expected = read_npy(golden("output." + name + ".npy"));
    for (const int batch : {1, 2, 64}) {
      const Tensor output = forward(model, input, layer, GetParam(), batch);
      ASSERT_EQ(output.shape, expected.shape) << name;
      for (std::size_t i = 0; i < output.values.size(); ++i)
        ASSERT_NEAR(output.values[i], expected.values[i], 2e-5) << name << " " << i;
    }
  }
}

TEST_P(Forward, TakesOneImageWithoutANumber) {
  const Tensor all = read_npy(golden("input.npy"));
  Tensor one(Shape(all.shape.begin() + 1, all.shape.end()));
  std::copy_n(all.values.begin(), one.values.size(), one.values.begin());
  const Tensor output = forward(small_model(), one, "pool", GetParam());
  EXPECT_EQ(output.shape, (Shape{1, 5, 7, 5}));
  const Tensor expected = read_npy(golden("output.pool.npy"));
  for (std::size_t i = 0; i < output.values.size(); ++i)
    ASSERT_NEAR(output.values[i], expected.values[i], 2e-5);
}

TEST(Forward, SaysWhatDoesNotFit) {
  const auto error_of = [](const Shape& shape, const char* layer) -> std::string {
    try {
      forward(small_model(), Tensor(shape), layer, "reference");
    } catch (const UsageError& error) {
      return error.what();
    }
    return {};
  };
  EXPECT_EQ(error_of({1, 12, 15, 3}, ""), "");
  EXPECT_THAT(error_of({1, 3, 12, 15}, ""), HasSubstr("1x3x12x15, but the network expects 12x15x3"));
  EXPECT_THAT(error_of({12, 15}, ""), HasSubstr("12x15x3"));
  EXPECT_THAT(error_of({}, ""), HasSubstr("12x15x3"));
  EXPECT_THAT(error_of({0, 12, 15, 3}, ""), HasSubstr("no images"));
  EXPECT_THAT(error_of({1, 12, 15, 3}, "conv9"), HasSubstr("conv relu bn pool flat fc prob"));
}

}  // namespace
}  // namespace alexnet
