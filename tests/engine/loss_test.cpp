#include "engine/loss.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "tests/engine/golden.h"

namespace alexnet {
namespace {

struct LossCase {
  const char* name;
  float smoothing;
  bool weighted;
  enum class Mix { kNone, kMixup, kRows } mix = Mix::kNone;

  /// As in tools/make_op_goldens.py; kMixup has one fraction, and the labels in another order.
  Targets targets() const {
    static const std::vector<int> labels = {3, 0, 6, 6, 2, 5};
    static const std::vector<int> reordered = {6, 3, 0, 2, 5, 6}, others = {1, 1, 6, 0, 3, 2};
    static const std::vector<float> one(6, 0.625F), fractions = {1, 0.9F, 0.75F, 0.5F, 0.625F, 0.8125F};
    if (mix == Mix::kMixup) return {labels, reordered, one};
    if (mix == Mix::kRows) return {labels, others, fractions};
    return {.labels = labels};
  }
  LossOptions options() const {
    static const std::vector<float> weights = {1.0F, 0.5F, 2.0F, 0.25F, 1.5F, 3.0F, 0.75F};
    return {.label_smoothing = smoothing, .class_weights = weighted ? weights : std::span<const float>{}};
  }
};

void PrintTo(const LossCase& loss, std::ostream* out) { *out << loss.name; }

class GoldenLoss : public testing::TestWithParam<LossCase> {};

TEST_P(GoldenLoss, AsPyTorch) {
  const nlohmann::json& expected = golden::ops()["losses"][GetParam().name];
  std::vector<float> logits = golden::pattern(golden::kInput, 6 * 7);
  for (float& value : logits) value *= 3;
  const Targets labels = GetParam().targets();
  const LossOptions options = GetParam().options();

  std::vector<float> gradient(logits.size());
  const LossResult result = softmax_cross_entropy(logits, labels, options, gradient);
  EXPECT_NEAR(result.loss, expected["loss"].get<double>(), 1e-7);
  EXPECT_EQ(result.top1, expected["top1"].get<int>());
  EXPECT_EQ(result.top5, expected["top5"].get<int>());
  for (std::size_t i = 0; i < gradient.size(); ++i)
    EXPECT_NEAR(gradient[i], expected["gradient"][i].get<double>(), 2e-8) << i;
  EXPECT_EQ(softmax_cross_entropy(logits, labels, options).loss, result.loss);
}

TEST_P(GoldenLoss, HasTheGradientOfItsDifferences) {
  std::vector<float> logits = golden::pattern(golden::kInput, 6 * 7);
  const Targets targets = GetParam().targets();
  const LossOptions options = GetParam().options();
  std::vector<float> gradient(logits.size());
  softmax_cross_entropy(logits, targets, options, gradient);
  constexpr float kStep = 1.0F / 128;
  for (std::size_t i = 0; i < logits.size(); ++i) {
    const float middle = logits[i];
    const auto loss_at = [&](float value) {
      logits[i] = value;
      return softmax_cross_entropy(logits, targets, options).loss;
    };
    const double derivative = (loss_at(middle + kStep) - loss_at(middle - kStep)) / (2 * kStep);
    logits[i] = middle;
    EXPECT_NEAR(gradient[i], derivative, 1e-5) << i;
  }
}

using Mix = LossCase::Mix;
INSTANTIATE_TEST_SUITE_P(Kinds, GoldenLoss,
                         testing::Values(LossCase{"plain", 0.0F, false}, LossCase{"smoothed", 0.1F, false},
                                         LossCase{"weighted", 0.0F, true},
                                         LossCase{"weighted_smoothed", 0.1F, true},
                                         LossCase{"mixed", 0.0F, false, Mix::kMixup},
                                         LossCase{"mixed_weighted_smoothed", 0.1F, true, Mix::kMixup},
                                         LossCase{"mixed_rows", 0.1F, false, Mix::kRows}),
                         [](const auto& parameter) { return std::string(parameter.param.name); });

TEST(Loss, HugeLogitsStayFinite) {
  const std::vector<float> logits = {3e38F, -3e38F, 0.0F};
  const std::vector<int> right = {0}, wrong = {1};
  std::vector<float> gradient(3);
  EXPECT_EQ(softmax_cross_entropy(logits, right, {}, gradient).loss, 0.0);
  EXPECT_EQ(gradient, std::vector<float>({0.0F, 0.0F, 0.0F}));
  const double loss = softmax_cross_entropy(logits, wrong, {}, gradient).loss;
  EXPECT_NEAR(loss / 6e38, 1.0, 1e-6);
  EXPECT_EQ(gradient, std::vector<float>({1.0F, -1.0F, 0.0F}));
}

TEST(Loss, TiesCountForTheLowerClass) {
  const std::vector<float> logits(7, 1.0F);
  const auto hits = [&](int label) {
    const std::vector<int> labels = {label};
    const LossResult result = softmax_cross_entropy(logits, labels, {});
    return std::pair(result.top1, result.top5);
  };
  EXPECT_EQ(hits(0), std::pair(1, 1));
  EXPECT_EQ(hits(1), std::pair(0, 1));
  EXPECT_EQ(hits(4), std::pair(0, 1));
  EXPECT_EQ(hits(5), std::pair(0, 0));
}

TEST(Loss, TopFiveOfFewClassesIsAlwaysHit) {
  const std::vector<float> logits = {3, 2, 1, 1, 2, 3};
  const std::vector<int> labels = {2, 0};
  EXPECT_EQ(softmax_cross_entropy(logits, labels, {}).top5, 2);
}

TEST(Loss, LabelsWithoutWeightTeachNothing) {
  const std::vector<float> logits = {3, 2, 1, 5}, weights = {0, 1};
  const std::vector<int> labels = {0, 0};
  for (const float smoothing : {0.0F, 0.1F}) {
    std::vector<float> gradient(4, 1.0F);
    const LossResult result = softmax_cross_entropy(
        logits, labels, {.label_smoothing = smoothing, .class_weights = weights}, gradient);
    EXPECT_EQ(result.loss, 0.0);
    EXPECT_EQ(result.top1, 1);
    EXPECT_EQ(gradient, std::vector<float>(4, 0.0F));
  }
}

TEST(Loss, NanGivesNanAndNoHit) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const std::vector<int> labels = {0, 0};
  for (const std::vector<float>& logits :
       {std::vector<float>{nan, 0, 1, 0}, {5, nan, 1, 0}, {5, 0, nan, 0}}) {
    const LossResult result = softmax_cross_entropy(logits, labels, {});
    EXPECT_TRUE(std::isnan(result.loss));
    EXPECT_LE(result.top1, 1);  // of the row without one
  }
  const std::vector<float> second_row = {5, 0, 1, nan};
  EXPECT_TRUE(std::isnan(softmax_cross_entropy(second_row, labels, {}).loss));
  EXPECT_EQ(softmax_cross_entropy(second_row, labels, {}).top1, 1);
}

}  // namespace
}  // namespace alexnet
