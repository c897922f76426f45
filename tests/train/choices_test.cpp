// Freezing, class weights, and what is noticed of a loss.
#include <gmock/gmock.h>

#include <cmath>
#include <limits>
#include <vector>

#include "alexnet/error.h"
#include "train/listeners/loss_watch.h"
#include "train/loop/divergence.h"
#include "train/plan/class_weights.h"
#include "train/transfer/freeze.h"

namespace alexnet {
namespace {

using testing::ElementsAre;
using testing::FloatEq;
using testing::IsEmpty;

std::vector<std::string> frozen_names(const std::string& list) {
  const NetworkSpec spec{
      "n", {1, 4, 4}, {{"a", Flatten{}}, {"b-1", Flatten{}}, {"b", Flatten{}}, {"c", Flatten{}}}};
  const std::vector<bool> frozen = frozen_layers(spec, list);
  std::vector<std::string> names;
  for (std::size_t i = 0; i < frozen.size(); ++i)
    if (frozen[i]) names.push_back(spec.layers[i].name);
  return names;
}

TEST(Freeze, TakesNamesAndRanges) {
  EXPECT_THAT(frozen_names(""), IsEmpty());
  EXPECT_THAT(frozen_names("a,c"), ElementsAre("a", "c"));
  EXPECT_THAT(frozen_names("a-b"), ElementsAre("a", "b-1", "b"));
  EXPECT_THAT(frozen_names("b-1"), ElementsAre("b-1"));
  EXPECT_THAT(frozen_names("b-1-b,a"), ElementsAre("a", "b-1", "b"));
}

TEST(Freeze, RefusesWhatIsNoLayer) {
  for (const char* list : {"d", "a-d", "a,", ",", "c-a", "-"})
    EXPECT_THROW(frozen_names(list), UsageError) << list;
}

TEST(LayerRates, AreMultiplesForLayersAndRanges) {
  const NetworkSpec spec{"n", {1, 4, 4}, {{"a1", Flatten{}}, {"b", Flatten{}}, {"a2", Flatten{}}}};
  EXPECT_THAT(layer_rates(spec, ""), ElementsAre(1, 1, 1));
  EXPECT_THAT(layer_rates(spec, "b=10"), ElementsAre(1, 10, 1));
  EXPECT_THAT(layer_rates(spec, "a1-2=0.5,b=2"), ElementsAre(0.5F, 2, 0.5F));
  for (const char* list : {"b", "b=", "b=x", "c=1", "b=-1", "a2-a1=1"})
    EXPECT_THROW(layer_rates(spec, list), UsageError) << list;
}

class Labels final : public ImageSource {
 public:
  explicit Labels(std::vector<int> labels) : labels_(std::move(labels)) {}
  std::size_t size() const override { return labels_.size(); }
  int label(std::size_t i) const override { return labels_[i]; }
  std::string name(std::size_t) const override { return {}; }
  Image load(std::size_t, int) const override { return {}; }

 private:
  std::vector<int> labels_;
};

// sklearn.utils.class_weight.compute_class_weight("balanced", classes=[0, 1, 2], y=[0, 0, 0, 1, 1, 2])
TEST(ClassWeights, BalanceAsScikitLearn) {
  EXPECT_THAT(class_weights("balanced", Labels({0, 0, 0, 1, 1, 2}), 3),
              ElementsAre(FloatEq(0.66666667F), FloatEq(1), FloatEq(2)));
}

TEST(ClassWeights, AreAsGiven) {
  EXPECT_THAT(class_weights("none", Labels({0, 1}), 2), IsEmpty());
  EXPECT_THAT(class_weights("1,0.5", Labels({0, 1}), 2), ElementsAre(1, 0.5F));
  EXPECT_THROW(class_weights("1,0.5,2", Labels({0, 1}), 2), UsageError);
}

TEST(Divergence, IsSeen) {
  EXPECT_EQ(divergence(std::nan(""), 0, 10), "NaN");
  EXPECT_EQ(divergence(1, std::numeric_limits<double>::infinity(), 10), "infinite");
  EXPECT_EQ(divergence(2400, 1, 10), "exploding");
  EXPECT_EQ(divergence(120, 1, 10), "");     // bad batches cost that much and training comes back
  EXPECT_EQ(divergence(2.3, 5000, 10), "");  // a large network with a strong l2
}

using Sign = LossWatch::Sign;

TEST(LossWatch, TellsOnceAndLateOfALossThatStays) {
  LossWatch watch(10);
  std::vector<int> reported;
  for (int step = 1; step <= 1000; ++step)
    if (watch.take(std::log(10.0) + 0.02 * ((step % 2 == 0) ? 1 : -1), 0.1) == Sign::kStays)
      reported.push_back(step);
  EXPECT_THAT(reported, testing::ElementsAre(200));
}

TEST(LossWatch, IsSilentAboutALossThatMoves) {
  LossWatch falls(10), high(10);
  for (int step = 0; step < 1000; ++step) {
    EXPECT_EQ(falls.take(std::log(10.0) * (1 - 0.0004 * step), 0.1), Sign::kNone);
    EXPECT_EQ(high.take(2 * std::log(10.0), 0.1), Sign::kNone);
  }
}

TEST(LossWatch, IsSilentAboutANetworkThatAnswersBetterThanGuesses) {
  LossWatch watch(10);
  for (int step = 0; step < 1000; ++step) EXPECT_EQ(watch.take(std::log(10.0), 0.45), Sign::kNone);
}

TEST(LossWatch, TellsOnceOfALossThatExplodes) {
  LossWatch watch(10);
  std::vector<int> reported;
  for (int step = 1; step <= 1000; ++step)
    if (watch.take(std::log(10.0) * (step < 300 ? 1.5 : 40.0), 0.1) == Sign::kExplodes)
      reported.push_back(step);
  ASSERT_EQ(reported.size(), 1U);
  EXPECT_GT(reported[0], 320);  // single high ones do not count
  EXPECT_LT(reported[0], 330);
  EXPECT_NEAR(watch.mean_loss(), std::log(10.0) * 40, 1e-9);
}

}  // namespace
}  // namespace alexnet
