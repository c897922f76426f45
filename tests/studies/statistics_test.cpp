// Values beside scipy: tools/make_statistics_goldens.py.
#include "studies/statistics.h"

#include <gtest/gtest.h>

#include <cmath>

namespace alexnet {
namespace {

TEST(StudentT, IsThatOfScipy) {
  const std::pair<int, double> expected[] = {{1, 12.706204736175}, {2, 4.302652729749},   {3, 3.182446305284},
                                             {4, 2.776445105198},  {5, 2.570581835636},   {9, 2.262157162798},
                                             {30, 2.042272456301}, {1000, 1.962339080826}};
  for (const auto& [freedom, t] : expected) EXPECT_NEAR(student_t(freedom), t, 1e-9) << freedom;
}

constexpr double kValues[] = {0.7131, 0.7042, 0.7215, 0.6988};

TEST(Estimate, IsThatOfScipy) {
  const Estimate found = estimate(kValues);
  EXPECT_EQ(found.count, 4);
  EXPECT_NEAR(found.mean, 0.709400000000, 1e-11);
  EXPECT_NEAR(found.stddev, 0.009991663192, 1e-11);
  EXPECT_NEAR(found.low, 0.693501034196, 1e-11);
  EXPECT_NEAR(found.high, 0.725298965804, 1e-11);
}

TEST(Estimate, OfDifferencesIsThePairedIntervalOfScipy) {
  const double base[] = {0.7003, 0.6991, 0.7108, 0.6990};
  double differences[4];
  for (int i = 0; i < 4; ++i) differences[i] = kValues[i] - base[i];
  EXPECT_NEAR(estimate(differences).low, -0.002211941577, 1e-11);
  EXPECT_NEAR(estimate(differences).high, 0.016411941577, 1e-11);
}

TEST(Estimate, SaysNoMoreThanItsValues) {
  const double one[] = {0.5};
  EXPECT_EQ(estimate(one).mean, 0.5);
  EXPECT_TRUE(std::isnan(estimate(one).stddev));
  EXPECT_TRUE(std::isnan(estimate(one).low));
  EXPECT_TRUE(std::isnan(estimate({}).mean));
  EXPECT_EQ(estimate({}).count, 0);
}

TEST(Ratio, IsThatOfScipy) {
  const double epochs[] = {19.5, 22.25, 18.0}, base[] = {5.5, 6.0, 4.75};
  const Estimate found = ratio(epochs, base);
  EXPECT_NEAR(found.mean, 3.679678377176, 1e-11);
  EXPECT_NEAR(found.low, 3.382059292497, 1e-10);
  EXPECT_NEAR(found.high, 4.003487753600, 1e-10);
}

}  // namespace
}  // namespace alexnet
