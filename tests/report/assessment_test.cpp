// Values beside statsmodels and torchmetrics: tools/make_assessment_goldens.py.
#include "report/assessment.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace alexnet {
namespace {

/// The generator of tools/make_assessment_goldens.py.
std::vector<Judgement> judgements(std::uint64_t state, int count, int classes) {
  std::vector<Judgement> made;
  for (int i = 0; i < count; ++i) {
    std::uint64_t draws[3];
    for (std::uint64_t& draw : draws) {
      state = (state * 1103515245 + 12345) % 2147483648U;
      draw = state >> 8;
    }
    const auto label = [&](std::uint64_t draw) {
      return static_cast<int>(draw % static_cast<std::uint64_t>(classes));
    };
    made.push_back({i, label(draws[0]), label(draws[1]),
                    static_cast<float>((static_cast<double>(draws[2] % 997) + 1.5) / 1000), 0});
  }
  return made;
}

TEST(WilsonInterval, IsThatOfStatsmodels) {
  struct Case {
    std::int64_t hits, count;
    double low, high;
  };
  for (const Case& c :
       {Case{0, 10, 0, 0.277532799863}, Case{10, 10, 0.722467200137, 1},
        Case{1, 2, 0.094531205734, 0.905468794266}, Case{2808, 3925, 0.701092652682, 0.729314126956},
        Case{9, 10000, 0.000473577061, 0.001709730113}}) {
    EXPECT_NEAR(wilson_interval(c.hits, c.count).low, c.low, 1e-11) << c.hits;
    EXPECT_NEAR(wilson_interval(c.hits, c.count).high, c.high, 1e-11) << c.hits;
  }
  EXPECT_EQ(wilson_interval(0, 0).low, 0);
  EXPECT_EQ(wilson_interval(0, 0).high, 1);
}

TEST(Calibration, ErrorIsThatOfTorchmetrics) {
  const Calibration found = calibration(judgements(1, 500, 3));
  EXPECT_NEAR(found.error, 0.3046160, 1e-6);
  std::int64_t images = 0;
  for (const CalibrationBin& bin : found.bins) images += bin.images;
  EXPECT_EQ(images, 500);
}

TEST(Calibration, TakesNoJudgements) { EXPECT_EQ(calibration({}).error, 0); }

TEST(BetterBy, IsMcNemarsOfStatsmodels) {
  const auto first = judgements(1, 500, 3), second = judgements(7, 500, 3);
  const double found = better_by(first, second);
  EXPECT_NEAR(found * found, 0.344680851, 1e-8);
  EXPECT_LT(found, 0);  // 113 against 122
  EXPECT_EQ(better_by(first, first), 0);
}

// Two clear classes, and one image of each kind of doubt.
TEST(SuspiciousLabels, AreThoseThatAnotherClassExplainsAsWellAsItsOwn) {
  std::vector<Judgement> all;
  all.reserve(13);
  for (int i = 0; i < 10; ++i) all.push_back({i, i % 2, i % 2, 0.9F, 0.9F});
  all.push_back({10, 0, 1, 0.95F, 0.05F});  // as sure as class 1 is of its own
  all.push_back({11, 0, 1, 0.55F, 0.45F});  // wrong, but not sure
  all.push_back({12, 1, 0, 0.99F, 0.01F});
  const auto found = suspicious_labels(all, 2);
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].index, 12);
  EXPECT_EQ(found[1].index, 10);
}

}  // namespace
}  // namespace alexnet
