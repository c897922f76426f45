#include "engine/host/weight_average.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "base/parallel.h"

namespace alexnet {
namespace {

/// The average after each of five steps of SGD at 0.05 was taken.
std::array<float, 5> average_of_five(double decay) {
  constexpr float kGradients[3][5] = {{0.1F, -0.2F, 0.3F, -0.4F, 0.5F},
                                      {0.5F, 0.25F, -0.125F, 1.0F, -2.0F},
                                      {-0.3F, 0.7F, 0.01F, 0.0F, 1.5F}};
  std::array<float, 5> weights = {0.5F, -1.25F, 2.0F, -0.03125F, 0.0F};
  WeightAverage average(5, decay);
  average.start(weights);
  for (int step = 0; step < 5; ++step) {
    for (std::size_t i = 0; i < 5; ++i) weights[i] -= 0.05F * kGradients[step % 3][i];
    average.take(weights, step + 1);
  }
  const std::array<float, 5> raw = weights;
  average.exchange(weights);
  std::array<float, 5> result = weights;
  average.exchange(weights);
  EXPECT_EQ(weights, raw);
  return result;
}

// PyTorch 2.15: tools/train_golden.py. For so small a decay the warm-up changes nothing.
TEST(WeightAverage, IsPyTorchsAveragedModel) {
  const float expected[] = {0.458824545F, -1.28822565F, 1.98139858F, -0.0841746926F, 0.0607650056F};
  const auto average = average_of_five(0.15);
  for (std::size_t i = 0; i < 5; ++i) EXPECT_NEAR(average[i], expected[i], 2e-7) << i;
}

// PyTorch's AveragedModel with TensorFlow's rising decay.
TEST(WeightAverage, RisesToItsDecay) {
  const float expected[] = {0.464190841F, -1.28561068F, 1.98139882F, -0.0753409117F, 0.0435939096F};
  const auto average = average_of_five(0.9);
  for (std::size_t i = 0; i < 5; ++i) EXPECT_NEAR(average[i], expected[i], 2e-7) << i;
}

TEST(WeightAverage, DoesNotDependOnTheNumberOfThreads) {
  const auto run = [](int threads) {
    set_thread_count(threads);
    std::vector<float> weights(200'003);
    WeightAverage average(weights.size(), 0.99);
    for (int step = 1; step <= 3; ++step) {
      for (std::size_t i = 0; i < weights.size(); ++i)
        weights[i] = std::sin(static_cast<float>(i) + static_cast<float>(step));
      average.take(weights, step);
    }
    const KeptSlab kept = average.state();
    return std::vector<float>(kept.values.begin(), kept.values.end());
  };
  const auto one = run(1), three = run(3);
  set_thread_count(1);
  EXPECT_EQ(one, three);
}

TEST(WeightAverage, LeavesWhatDoesNotMove) {
  std::array<float, 3> weights = {0.1F, -1.0F / 3, 1e-30F};
  const auto before = weights;
  WeightAverage average(3, 0.97);
  average.start(weights);
  for (int step = 1; step <= 100; ++step) average.take(weights, step);
  average.exchange(weights);
  EXPECT_EQ(weights, before);
}

}  // namespace
}  // namespace alexnet
