#include "alexnet/evaluate.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>

#include "alexnet/error.h"
#include "tests/inference/golden.h"

namespace alexnet {
namespace {

using testing::HasSubstr;
using testing::Pair;

/// The golden images with labels; a label of -1 makes its image one that cannot be read.
class Labelled : public ImageSource {
 public:
  explicit Labelled(std::vector<int> labels) : labels_(std::move(labels)) {}
  std::size_t size() const override { return labels_.size(); }
  int label(std::size_t i) const override { return std::max(labels_[i], 0); }
  std::string name(std::size_t i) const override { return "image " + std::to_string(i); }
  Image load(std::size_t i, int channels) const override {
    if (labels_[i] < 0) throw DataError(name(i), "is torn");
    return load_image(images()[i], channels);
  }

 private:
  std::vector<int> labels_;
};

class Evaluating : public testing::TestWithParam<const char*> {};
INSTANTIATE_TEST_SUITE_P(Engines, Evaluating, testing::Values("reference", "cpu"),
                         [](const auto& engine) { return std::string(engine.param); });

TEST_P(Evaluating, CountsWhatTorchPredicts) {
  // PyTorch predicts 1 0 3 1 1 (probabilities.npy); class 4 has the sixth place in the last row but one.
  const std::vector<int> labels = {1, 0, 0, 4, 0};
  const std::vector<float> expected = expected_probabilities();
  double loss = 0;
  for (std::size_t i = 0; i < labels.size(); ++i)
    loss -= std::log(double{expected[i * kClasses + static_cast<std::size_t>(labels[i])]}) / 5;
  for (const int batch : {1, 2, 3, 64}) {
    std::vector<std::pair<std::int64_t, std::int64_t>> progress;
    EvaluateOptions options;
    options.batch = batch;
    options.engine = GetParam();
    options.progress = [&](std::int64_t done, std::int64_t all) { progress.emplace_back(done, all); };
    const Evaluation result = evaluate(small_model(), std::make_shared<Labelled>(labels), options);
    EXPECT_EQ(result.images, 5);
    EXPECT_EQ(result.skipped, 0);
    EXPECT_NEAR(result.loss, loss, 1e-4);
    EXPECT_DOUBLE_EQ(result.top1, 0.4);
    EXPECT_DOUBLE_EQ(result.top5, 0.8);
    ASSERT_EQ(result.confusion.classes, 6);
    std::vector<std::int64_t> counts(36);
    counts[1 * 6 + 1] = counts[0 * 6 + 0] = counts[0 * 6 + 3] = counts[4 * 6 + 1] = counts[0 * 6 + 1] = 1;
    EXPECT_EQ(result.confusion.counts, counts);
    EXPECT_EQ(progress.size(), static_cast<std::size_t>((5 + batch - 1) / batch));
    EXPECT_THAT(progress.back(), Pair(5, 5));
  }
}

double mean_loss(const std::vector<float>& probabilities, const std::vector<int>& labels) {
  double loss = 0;
  for (std::size_t i = 0; i < labels.size(); ++i)
    loss -= std::log(double{probabilities[i * kClasses + static_cast<std::size_t>(labels[i])]});
  return loss / static_cast<double>(labels.size());
}

int hits(const std::vector<float>& probabilities, const std::vector<int>& labels) {
  int count = 0;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const auto row = probabilities.begin() + static_cast<std::ptrdiff_t>(i * kClasses);
    count += std::max_element(row, row + kClasses) - row == labels[i] ? 1 : 0;
  }
  return count;
}

TEST_P(Evaluating, TakesTheMeanOfTenCropsAsTorchvision) {
  const std::vector<int> labels = {1, 0, 3, 4, 1};
  EvaluateOptions options;
  options.batch = 2;
  options.engine = GetParam();
  options.ten_crop = true;
  std::int64_t looks = 0;
  options.progress = [&](std::int64_t done, std::int64_t all) {
    looks = done;
    EXPECT_EQ(all, 50);
  };
  const Evaluation result = evaluate(small_model(), std::make_shared<Labelled>(labels), options);
  EXPECT_EQ(looks, 50);
  EXPECT_NEAR(result.loss, mean_loss(expected_ten_crops(), labels), 1e-4);
  EXPECT_DOUBLE_EQ(result.top1, hits(expected_ten_crops(), labels) / 5.0);
  EXPECT_GT(std::abs(mean_loss(expected_ten_crops(), labels) - mean_loss(expected_probabilities(), labels)),
            1e-3);
}

TEST_P(Evaluating, TakesTheMeanOfSeveralModels) {
  // A second model whose outputs are the first's, moved on by one class.
  std::vector<Model> models(2, small_model());
  for (const char* name : {"fc.weight", "fc.bias"}) {
    const TensorView& old = models[0].weights.at(name);
    Tensor moved(old.shape, {old.values.begin(), old.values.end()});
    const std::size_t row = moved.values.size() / kClasses;
    std::rotate(moved.values.begin(), moved.values.end() - static_cast<std::ptrdiff_t>(row),
                moved.values.end());
    models[1].weights[name] = TensorView::own(std::move(moved));
  }
  const std::vector<float> one = expected_probabilities();
  std::vector<float> mean(one.size());
  for (std::size_t i = 0; i < one.size(); ++i) {
    const std::size_t row = i / kClasses, c = i % kClasses;
    mean[i] = (one[i] + one[row * kClasses + (c + kClasses - 1) % kClasses]) / 2;
  }
  const std::vector<int> labels = {1, 1, 3, 4, 2};
  EvaluateOptions options;
  options.engine = GetParam();
  const Evaluation result = evaluate(models, std::make_shared<Labelled>(labels), options);
  EXPECT_NEAR(result.loss, mean_loss(mean, labels), 1e-4);
  EXPECT_DOUBLE_EQ(result.top1, hits(mean, labels) / 5.0);

  models[1].classes[0] = "another";
  EXPECT_THROW(evaluate(models, std::make_shared<Labelled>(labels), options), UsageError);
}

TEST_P(Evaluating, GoesOnWithoutImagesThatCannotBeRead) {
  EvaluateOptions options;
  options.batch = 2;
  options.engine = GetParam();
  const Evaluation result =
      evaluate(small_model(), std::make_shared<Labelled>(std::vector<int>{1, -1, 3, -1, -1}), options);
  EXPECT_EQ(result.images, 2);
  EXPECT_EQ(result.skipped, 3);
  EXPECT_DOUBLE_EQ(result.top1, 1.0);
  ASSERT_EQ(result.unreadable.size(), 3U);
  EXPECT_THAT(result.unreadable[1], Pair("image 3", HasSubstr("is torn")));
}

TEST(Evaluate, RefusesWhatCannotBeEvaluated) {
  const auto evaluate_labels = [](std::vector<int> labels, bool strict = false) {
    EvaluateOptions options;
    options.engine = "reference";
    options.strict = strict;
    return evaluate(small_model(), std::make_shared<Labelled>(std::move(labels)), options);
  };
  EXPECT_THROW(evaluate_labels({}), DataError);
  EXPECT_THROW(evaluate_labels({-1, -1}), DataError);
  EXPECT_THROW(evaluate_labels({1, -1}, true), DataError);
  EXPECT_THROW(evaluate_labels({1, 6}), UsageError);
}

TEST(ClassScores, AreTheTextbooks) {
  // Worked by hand: class 2 is never predicted, class 3 never seen and never predicted.
  const ConfusionMatrix confusion{4,
                                  {3, 1, 0, 0,  //
                                   2, 4, 0, 0,  //
                                   1, 0, 0, 0,  //
                                   0, 0, 0, 0}};
  const std::vector<ClassScore> scores = class_scores(confusion);
  ASSERT_EQ(scores.size(), 4U);
  EXPECT_DOUBLE_EQ(scores[0].precision, 0.5);
  EXPECT_DOUBLE_EQ(scores[0].recall, 0.75);
  EXPECT_DOUBLE_EQ(scores[0].f1, 0.6);
  EXPECT_EQ(scores[0].images, 4);
  EXPECT_DOUBLE_EQ(scores[1].precision, 0.8);
  EXPECT_DOUBLE_EQ(scores[1].recall, 4.0 / 6);
  EXPECT_TRUE(std::isnan(scores[2].precision));
  EXPECT_DOUBLE_EQ(scores[2].recall, 0.0);
  EXPECT_DOUBLE_EQ(scores[2].f1, 0.0);
  EXPECT_TRUE(std::isnan(scores[3].precision));
  EXPECT_TRUE(std::isnan(scores[3].recall));
  EXPECT_TRUE(std::isnan(scores[3].f1));
}

}  // namespace
}  // namespace alexnet
