#include "tensor/squares.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "base/random.h"
#include "tests/instruction_sets.h"

namespace alexnet {
namespace {

TEST(SumOfSquares, IsTheSameBitsWithEveryInstructionSet) {
  for (const std::size_t count : {0U, 1U, 16U, 21U, 1024U, 2077U}) {
    RandomStream random(1, Purpose::kInitialWeights, 0, count);
    std::vector<float> values(count);
    std::ranges::generate(values, [&] { return random.normal(); });
    double expected = 0;
    for (const float value : values) expected += static_cast<double>(value) * value;
    std::optional<double> first;
    each_instruction_set([&] {
      const double sum = sum_of_squares(values);
      EXPECT_NEAR(sum, expected, 1e-6 * expected) << count;
      EXPECT_EQ(sum, first.value_or(sum)) << count;
      first = sum;
    });
  }
}

}  // namespace
}  // namespace alexnet
