// Kernels are compiled once for each instruction set; all of them must compute the same.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "engine/cpu/cpu_engine.h"
#include "tests/engine/op_cases.h"
#include "tests/instruction_sets.h"

namespace alexnet {
namespace {

// Sums are taken in another order with vectors of another length.
constexpr double kOrderTolerance = 2e-4;

class InstructionSetTest : public testing::TestWithParam<std::string> {
 protected:
  static cases::Results compute(const std::string& name) {
    const auto found = std::ranges::find(cases::op_cases(), name, &cases::OpCase::name);
    if (found == cases::op_cases().end()) throw std::runtime_error("no case " + name);
    return cases::run(*found, cpu_engine(), cases::Watch::kEnds);
  }
};

TEST_P(InstructionSetTest, ComputesTheSame) {
  const cases::Results expected = compute(GetParam());
  const int sets = each_instruction_set([&] {
    const cases::Results actual = compute(GetParam());
    ASSERT_EQ(actual.size(), expected.size());
    for (const auto& [name, values] : expected) {
      double scale = 0.05, worst = 0;
      for (std::size_t i = 0; i < values.size(); ++i) {
        scale = std::max<double>(scale, std::abs(values[i]));
        worst = std::max<double>(worst, std::abs(values[i] - actual.at(name)[i]));
      }
      EXPECT_LE(worst / scale, kOrderTolerance) << name;
    }
  });
  EXPECT_GE(sets, 1);
}

INSTANTIATE_TEST_SUITE_P(Cases, InstructionSetTest,
                         testing::Values<std::string>("block_article", "max_pool_same", "dropout_channels_97",
                                                      "batch_norm_flat", "lrn_size_4", "tanh_channels_97",
                                                      "conv_channels_20_to_97", "dense_in_parts"),
                         [](const testing::TestParamInfo<std::string>& test) { return test.param; });

}  // namespace
}  // namespace alexnet
