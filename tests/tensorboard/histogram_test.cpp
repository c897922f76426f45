#include "tensorboard/histogram.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>

namespace alexnet {
namespace {

/// Bell-shaped, of either sign, over several doublings.
std::vector<float> many_values(std::size_t count) {
  std::vector<float> values;
  for (std::size_t i = 0; i < count; ++i) {
    const double u = (static_cast<double>(i) + 0.5) / static_cast<double>(count);
    values.push_back(static_cast<float>(0.01 * std::log(u / (1 - u))));
  }
  return values;
}

TEST(Histogram, CountsWhatLiesBetweenItsLimits) {
  const std::vector<float> values = many_values(2'500'000);  // more than one piece
  const Histogram h = histogram(values);
  ASSERT_EQ(h.limits.size(), h.counts.size());
  double lower = -std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < h.limits.size(); ++i) {
    ASSERT_GT(h.limits[i], lower);
    const auto inside =
        std::count_if(values.begin(), values.end(), [&](float x) { return x > lower && x <= h.limits[i]; });
    // A value on a limit may stand on either side.
    EXPECT_NEAR(static_cast<double>(inside), h.counts[i], 2) << i;
    lower = h.limits[i];
  }
  const auto [min, max] = std::minmax_element(values.begin(), values.end());
  EXPECT_EQ(h.min, *min);
  EXPECT_EQ(h.max, *max);
  EXPECT_EQ(h.count, static_cast<double>(values.size()));
  const double squares = std::inner_product(values.begin(), values.end(), values.begin(), 0.0);
  EXPECT_NEAR(h.sum_of_squares, squares, 1e-5 * squares);
  EXPECT_NEAR(h.sum, std::accumulate(values.begin(), values.end(), 0.0), 1e-3);
}

TEST(Histogram, TellsMagnitudesApart) {
  const std::vector<float> values = {-1.0F, 0.25F, 1.0F, 1.3F};
  const Histogram h = histogram(values);
  EXPECT_EQ(std::count(h.counts.begin(), h.counts.end(), 1.0), 4);
  EXPECT_EQ(h.limits.back(), 1.5);  // 1.25 to 1.5
}

TEST(Histogram, LeavesPaddingOut) {
  const std::vector<float> values = {0.5F, 0.25F, 0.0F, 0.0F};
  EXPECT_EQ(histogram(values, 2).count, 2);
  EXPECT_EQ(histogram(values, 2).min, 0.25);
  EXPECT_EQ(histogram(values, 1).count, 3);
  EXPECT_EQ(histogram(values, 1).min, 0);
}

TEST(Histogram, LeavesOutWhatIsNotFinite) {
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  const std::vector<float> values = {1.0F, kInfinity, -kInfinity, std::nanf(""), 2.0F};
  const Histogram h = histogram(values);
  EXPECT_EQ(h.count, 2);
  EXPECT_EQ(h.sum, 3);
  EXPECT_EQ(h.max, 2);
}

TEST(Histogram, TakesNothingAndZeros) {
  EXPECT_EQ(histogram({}).count, 0);
  const std::vector<float> zeros(5);
  EXPECT_EQ(histogram(zeros).count, 5);
  EXPECT_EQ(histogram(zeros).max, 0);
}

}  // namespace
}  // namespace alexnet
