#include "train/step/mixup.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <vector>

#include "alexnet/error.h"
#include "base/parallel.h"
#include "tests/error_text.h"

namespace alexnet {
namespace {

// The distribution function at these places, from scipy.stats.beta(a, a).cdf (SciPy 1.x).
TEST(Beta, IsDrawnAsSciPySays) {
  constexpr std::array<double, 6> kPlaces = {0.001, 0.1, 0.3, 0.5, 0.8, 0.99};
  struct Case {
    double alpha;
    std::array<double, 6> below;
  };
  constexpr Case kCases[] = {{0.05, {0.355349, 0.449469, 0.480218, 0.5, 0.532214, 0.601129}},
                             {0.2, {0.132201, 0.336690, 0.433204, 0.5, 0.607278, 0.790222}},
                             {1, {0.001, 0.1, 0.3, 0.5, 0.8, 0.99}},
                             {2.5, {0.0, 0.015375, 0.186967, 0.5, 0.922811, 0.999946}}};
  constexpr int kDraws = 20'000;
  for (const Case& beta : kCases) {
    std::array<int, 6> below{};
    for (std::uint32_t i = 0; i < kDraws; ++i) {
      RandomStream draws(1, Purpose::kMixup, i, 0);
      const double x = draw_beta(beta.alpha, draws);
      ASSERT_GE(x, 0);
      ASSERT_LE(x, 1);
      for (std::size_t p = 0; p < below.size(); ++p) below[p] += x <= kPlaces[p] ? 1 : 0;
    }
    for (std::size_t p = 0; p < below.size(); ++p)  // within four standard deviations
      EXPECT_NEAR(static_cast<double>(below[p]) / kDraws, beta.below[p], 4 * std::sqrt(0.25 / kDraws))
          << beta.alpha << " at " << kPlaces[p];
  }
}

TEST(Beta, OfATinyAlphaIsNeverNothing) {
  for (std::uint32_t i = 0; i < 1000; ++i) {
    RandomStream draws(1, Purpose::kMixup, i, 0);
    const double x = draw_beta(1e-4, draws);
    ASSERT_TRUE(x >= 0 && x <= 1) << x;
  }
}

/// Four features of seven rows; labels are the rows' numbers.
struct Rows {
  std::vector<float> images = std::vector<float>(28);
  std::vector<int> labels = std::vector<int>(7);
  std::vector<std::int64_t> indices = std::vector<std::int64_t>(7);
  Rows() {
    for (std::size_t i = 0; i < images.size(); ++i) images[i] = std::sin(static_cast<float>(i));
    std::iota(labels.begin(), labels.end(), 0);
  }
  Batch batch() const { return {images, labels, indices}; }
};

TEST(Mixup, MixesRowsAndSaysOfWhich) {
  const Rows rows;
  Mixup mixup(1, 3, 7);
  std::vector<std::vector<int>> orders;
  for (std::uint32_t step = 0; step < 50; ++step) {
    std::vector<float> input(28);
    const Targets targets = mixup.put_in(rows.batch(), step, input);
    EXPECT_TRUE(std::ranges::equal(targets.labels, rows.labels));
    std::vector<int> others(targets.others.begin(), targets.others.end());
    for (std::size_t row = 0; row < 7; ++row) {
      const float fraction = targets.fractions[row];
      EXPECT_EQ(fraction, targets.fractions[0]);
      EXPECT_GE(fraction, 0.5F);
      EXPECT_LE(fraction, 1.0F);
      const auto other = static_cast<std::size_t>(others[row]);
      for (std::size_t i = 0; i < 4; ++i)
        EXPECT_FLOAT_EQ(input[row * 4 + i],
                        fraction * rows.images[row * 4 + i] + (1 - fraction) * rows.images[other * 4 + i]);
    }
    orders.push_back(others);
    EXPECT_TRUE(std::ranges::is_permutation(others, rows.labels));
  }
  EXPECT_NE(orders[0], orders[1]);
}

/// A part of a batch lacks the partners of its rows.
TEST(Mixup, RefusesAPartOfABatch) {
  const Rows rows;
  Mixup mixup(1, 3, 7);
  std::vector<float> input(28);
  Batch part = rows.batch();
  part.images = part.images.first(12);
  part.labels = part.labels.first(3);
  EXPECT_THAT(error_text<UsageError>([&] { mixup.put_in(part, 0, input); }),
              testing::AllOf(testing::HasSubstr("3 rows"), testing::HasSubstr("7")));
}

TEST(Mixup, IsAFunctionOfSeedAndStep) {
  const Rows rows;
  const auto mixed = [&](std::uint64_t seed, std::uint32_t step, int threads) {
    set_thread_count(threads);
    Mixup mixup(0.4, seed, 7);
    std::vector<float> input(28);
    mixup.put_in(rows.batch(), 99, input);  // what came before leaves no trace
    mixup.put_in(rows.batch(), step, input);
    set_thread_count(1);
    return input;
  };
  const auto expected = mixed(3, 17, 1);
  EXPECT_EQ(mixed(3, 17, 3), expected);
  EXPECT_NE(mixed(4, 17, 1), expected);
  EXPECT_NE(mixed(3, 18, 1), expected);
}

}  // namespace
}  // namespace alexnet
