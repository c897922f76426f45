// What Explainer promises beside the numbers that tests/parity compares with PyTorch's.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <numeric>
#include <sstream>

#include "alexnet/classifier.h"
#include "alexnet/error.h"
#include "alexnet/explain.h"
#include "data/loader/loader.h"
#include "tests/error_text.h"
#include "tests/explain/golden_images.h"

namespace alexnet {
namespace {

using testing::HasSubstr;

/// A network of 8x8 gray pixels that sees the upper left quarter only: the brighter, the more of class 1.
Model quarter_model() {
  Model model;
  model.spec = {
      "quarter",
      {1, 8, 8},
      {{"conv", Conv{.filters = 1}}, {"flatten", Flatten{}}, {"fc", Dense{.units = 2}}, {"prob", Softmax{}}}};
  Tensor dense(Shape{2, 64});
  for (std::size_t y = 0; y < 4; ++y)
    for (std::size_t x = 0; x < 4; ++x) dense.values[64 + y * 8 + x] = 0.25F;
  model.weights = {{"conv.weight", TensorView::own({{1, 1, 1, 1}, {1.0F}})},
                   {"conv.bias", TensorView::own({{1}, {0.0F}})},
                   {"fc.weight", TensorView::own(dense)},
                   {"fc.bias", TensorView::own({{2}, {0.5F, 0.0F}})}};
  model.classes = {"dark", "bright"};
  model.preprocessing = {.resize = 8, .crop_width = 8, .crop_height = 8, .mean = {0.0F}, .stddev = {1.0F}};
  return model;
}

Image white() { return {8, 8, 1, std::vector<std::uint8_t>(64, 255)}; }

ExplainOptions with(ExplainMethod method) {
  ExplainOptions options;
  options.method = method;
  options.patch = options.stride = 4;
  return options;
}

TEST(ExplainerTest, EveryMethodFindsThePlaceThatCounts) {
  for (const ExplainMethod method :
       {ExplainMethod::kGradCam, ExplainMethod::kOcclusion, ExplainMethod::kIntegratedGradients})
    for (const char* engine : {"cpu", "reference"}) {
      SCOPED_TRACE(std::string(to_string(method)) + " " + engine);
      ExplainOptions options = with(method);
      options.engine = engine;
      // Grad-CAM weighs whole channels: one channel shows where it is bright, not what becomes of it.
      Image image = white();
      if (method == ExplainMethod::kGradCam)
        for (std::size_t i = 0; i < 64; ++i)
          if (i % 8 >= 4 || i / 8 >= 4) image.pixels[i] = 0;
      const Explanation one = Explainer(quarter_model(), options).explain(image);
      EXPECT_EQ(one.explained.name, "bright");
      ASSERT_EQ(one.map.shape, (Shape{8, 8}));
      for (std::size_t i = 0; i < 64; ++i) {
        const bool counts = i % 8 < 4 && i / 8 < 4;
        if (counts)
          EXPECT_GT(one.map.values[i], 0.0F) << i;
        else
          EXPECT_NEAR(one.map.values[i], 0.0F, 1e-6) << i;
      }
    }
}

TEST(ExplainerTest, OcclusionIsWhatTheClassLoses) {
  // Covered, the quarter gives logits 0.5 and 0; white, 0.5 and 16 * 0.25.
  const Explanation one = Explainer(quarter_model(), with(ExplainMethod::kOcclusion)).explain(white());
  const double whole = 1 / (1 + std::exp(0.5 - 4.0)), covered = 1 / (1 + std::exp(0.5));
  EXPECT_NEAR(one.map.values[0], whole - covered, 1e-6);
}

TEST(ExplainerTest, TheMapSpeaksOfTheClassAskedFor) {
  const Explanation one = Explainer(quarter_model(), with(ExplainMethod::kOcclusion)).explain(white(), 0);
  EXPECT_EQ(one.explained.name, "dark");
  EXPECT_EQ(one.predicted.name, "bright");
  EXPECT_LT(one.map.values[0], 0.0F);
}

TEST(ExplainerTest, IntegratedGradientsAddUpToTheDifferenceOfScores) {
  ExplainOptions options = with(ExplainMethod::kIntegratedGradients);
  options.steps = 300;
  Explainer explainer(golden_model(), options);
  const Extent extent = explainer.model().spec.input;
  const auto logits_of = [&](const std::vector<float>& chw) {
    Tensor nhwc(Shape{extent.height, extent.width, extent.channels});
    const std::size_t plane = chw.size() / 3;
    for (std::size_t i = 0; i < chw.size(); ++i) nhwc.values[i % plane * 3 + i / plane] = chw[i];
    return forward(golden_model(), nhwc, "fc").values;
  };
  for (const auto& file : golden_images()) {
    std::vector<float> chw(static_cast<std::size_t>(extent.size()));
    prepare_image(load_image(file, 3), explainer.model().preprocessing, chw);
    for (const int target : {0, 3}) {
      const Explanation one = explainer.explain(file, target);
      const auto at = static_cast<std::size_t>(target);
      const double difference = logits_of(chw)[at] - logits_of(std::vector<float>(chw.size()))[at];
      EXPECT_NEAR(std::accumulate(one.map.values.begin(), one.map.values.end(), 0.0), difference, 0.01);
    }
  }
}

TEST(ExplainerTest, ExplainsTheMostProbableClassByDefault) {
  const Tensor expected = read_npy(golden("probabilities.npy"));
  Explainer explainer(golden_model());
  EXPECT_EQ(explainer.layer(), "conv");
  const auto files = golden_images();
  for (std::size_t i = 0; i < files.size(); ++i) {
    const auto row = std::span(expected.values).subspan(i * 6, 6);
    const auto best = std::ranges::max_element(row) - row.begin();
    const Explanation one = explainer.explain(files[i]);
    EXPECT_EQ(one.explained.index, best);
    EXPECT_NEAR(one.explained.probability, row[static_cast<std::size_t>(best)], 1e-5);
    EXPECT_EQ(one.seen.width, 15);
    EXPECT_EQ(one.seen.height, 12);
  }
}

TEST(ExplainerTest, BytesAndImagesAreExplainedAsFilesAre) {
  Explainer explainer(golden_model());
  const auto file = golden_images()[2];
  std::ostringstream content;
  content << std::ifstream(file, std::ios::binary).rdbuf();
  const std::string bytes = content.str();
  const Explanation expected = explainer.explain(file, 1);
  EXPECT_EQ(explainer.explain(load_image(file, 3), 1).map.values, expected.map.values);
  EXPECT_EQ(explainer.explain(Bytes::own("bytes", bytes), 1).map.values, expected.map.values);
  EXPECT_THAT(error_text<DataError>([&] { explainer.explain(Bytes::own("upload", "text")); }),
              HasSubstr("upload"));
}

TEST(ExplainerTest, WhatCannotBeExplainedIsRefused) {
  const auto refusal = [](ExplainOptions options) {
    return error_text<UsageError>([&] { Explainer(golden_model(), options); });
  };
  EXPECT_THAT(refusal({.layer = "fc"}), HasSubstr("conv"));
  EXPECT_THAT(refusal({.layer = "conv9"}), HasSubstr("conv9"));
  EXPECT_THAT(refusal({.method = ExplainMethod::kOcclusion, .patch = 13}), HasSubstr("patch"));
  EXPECT_THAT(refusal({.method = ExplainMethod::kIntegratedGradients, .steps = 0}), HasSubstr("steps"));
  EXPECT_THAT(refusal({.batch = 0}), HasSubstr("batch"));
  EXPECT_THROW(Explainer(golden_model()).explain(golden_images()[0], 6), UsageError);
  EXPECT_THROW(Explainer(golden_model()).explain("nowhere.png"), DataError);
  EXPECT_THROW(explain_method_from_string("magic"), UsageError);
}

}  // namespace
}  // namespace alexnet
