// Processors with AVX-512 leave this product to oneDNN: here it is held to plain sums on every instruction
// set.
#include <gtest/gtest.h>

#include <vector>

#include "base/random.h"
#include "engine/cpu/kernels/simd/dense.h"
#include "tests/instruction_sets.h"

namespace alexnet::cpu {
namespace {

// More rows and more depth than are copied at a time, and columns that are not all wanted.
TEST(DenseColumns, AreTheSumsOfProducts) {
  constexpr std::size_t kRows = 131, kDepth = 300, kColumns = 112, kBegin = 16, kEnd = 96;
  RandomStream random(1, Purpose::kInitialWeights, 0, 0);
  std::vector<float> a(kRows * kDepth), b(kDepth * kColumns);
  for (float& value : a) value = random.normal();
  for (float& value : b) value = random.normal();
  const int sets = each_instruction_set([&] {
    std::vector<float> c(kRows * kColumns, 7.0F);
    multiply_columns(a.data(), kDepth, kRows, b.data(), kColumns, kDepth, c.data(), kColumns, kBegin, kEnd);
    for (std::size_t r = 0; r < kRows; ++r)
      for (std::size_t j = 0; j < kColumns; ++j) {
        double sum = 0;
        for (std::size_t k = 0; k < kDepth; ++k)
          sum += static_cast<double>(a[r * kDepth + k]) * b[k * kColumns + j];
        const bool wanted = j >= kBegin && j < kEnd;
        // Sums of 300 terms of size 1, each rounded to 24 bits.
        ASSERT_NEAR(c[r * kColumns + j], wanted ? sum : 7.0, wanted ? 2e-4 : 0.0) << r << ' ' << j;
      }
  });
  EXPECT_GT(sets, 1);
}

}  // namespace
}  // namespace alexnet::cpu
