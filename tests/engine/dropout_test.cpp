// Dropout of all engines: how much is kept, how it is scaled, and that the mask is the documented function.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "base/random.h"
#include "tests/every_engine.h"

namespace alexnet {
namespace {

constexpr Extent kExtent{20, 9, 7};
constexpr int kBatch = 5;

class DropoutOf : public testing::TestWithParam<std::string> {
 protected:
  /// What a network of dropout layers makes of ones.
  std::vector<float> of_ones(const PassOptions& pass, const std::vector<float>& rates) const {
    NetworkSpec spec{"", kExtent, {}};
    for (const float rate : rates)
      spec.layers.push_back({"drop" + std::to_string(spec.layers.size()), Dropout{rate}});
    spec.layers.push_back({"flatten", Flatten{}});
    CompileOptions options;
    options.batch = kBatch;
    options.training = true;
    const auto network = compile(GetParam(), spec, options);
    network->load({});
    std::ranges::fill(network->input(), 1.0F);
    network->forward(pass);
    return {network->logits().begin(), network->logits().end()};
  }
};

TEST_P(DropoutOf, KeepsItsFractionAndScalesIt) {
  for (const float rate : {0.25F, 0.5F, 0.9F}) {
    const std::vector<float> values = of_ones({Pass::kTraining, 1, 1}, {rate});
    const auto count = static_cast<double>(values.size());
    const auto dropped = static_cast<double>(std::ranges::count(values, 0.0F));
    const double stddev = std::sqrt(double{rate} * (1 - double{rate}) / count);
    EXPECT_NEAR(dropped / count, rate, 4 * stddev);
    EXPECT_FLOAT_EQ(*std::ranges::max_element(values), 1.0F / (1.0F - rate));
    EXPECT_EQ(static_cast<double>(std::ranges::count(values, *std::ranges::max_element(values))),
              count - dropped);
  }
}

TEST_P(DropoutOf, MaskIsTheDocumentedFunction) {
  constexpr std::uint64_t kSeed = 0x123456789abcdef0;
  constexpr std::uint32_t kStep = 41;
  const std::vector<float> values = of_ones({Pass::kTraining, kSeed, kStep}, {0.0F, 0.4F});
  std::size_t i = 0;
  for (std::uint64_t n = 0; n < kBatch; ++n)
    for (std::uint64_t c = 0; c < 20; ++c)
      for (std::uint64_t pixel = 0; pixel < 9 * 7; ++pixel, ++i) {
        // Two blocks of 16 channels.
        const std::uint64_t element = ((n * 2 + c / 16) * 9 * 7 + pixel) * 16 + c % 16;
        const bool kept = dropout_draw(kSeed, kStep, 1, element) >= dropout_threshold(0.4F);
        ASSERT_EQ(values[i] != 0.0F, kept) << "image " << n << " channel " << c << " pixel " << pixel;
      }
}

TEST_P(DropoutOf, MaskDependsOnSeedStepAndLayerAlone) {
  const std::vector<float> mask = of_ones({Pass::kTraining, 1, 1}, {0.5F});
  EXPECT_EQ(of_ones({Pass::kTraining, 1, 1}, {0.5F}), mask);
  EXPECT_NE(of_ones({Pass::kTraining, 1, 2}, {0.5F}), mask);
  EXPECT_NE(of_ones({Pass::kTraining, 2, 1}, {0.5F}), mask);
  EXPECT_NE(of_ones({Pass::kTraining, 1, 1}, {0.0F, 0.5F}), mask);
}

TEST_P(DropoutOf, DoesNothingOutsideTraining) {
  const std::vector<float> ones(static_cast<std::size_t>(kBatch * kExtent.size()), 1.0F);
  EXPECT_EQ(of_ones({Pass::kInference, 1, 1}, {0.5F}), ones);
  EXPECT_EQ(of_ones({Pass::kStatistics, 1, 1}, {0.5F}), ones);
}

INSTANTIATE_TEST_SUITE_P(Engines, DropoutOf, testing::ValuesIn(available_engines()),
                         [](const auto& parameter) { return parameter.param; });

}  // namespace
}  // namespace alexnet
