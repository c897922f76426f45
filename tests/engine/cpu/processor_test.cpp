#include "engine/cpu/plan/processor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <hwy/targets.h>

#include <vector>

#include "tests/engine/cpu/processors.h"

namespace alexnet::cpu {
namespace {

constexpr bool kX86 = HWY_ARCH_X86 != 0;

TEST(Instructions, NameWhatTheProcessorHas) {
  EXPECT_EQ(instructions(amx()), "AVX-512, AMX tiles of bf16");
  EXPECT_EQ(instructions(avx512_bf16()), "AVX-512, bf16 products");
  EXPECT_EQ(instructions(with_avx512()), "AVX-512, no bf16 products");
  EXPECT_EQ(instructions(avx2()), "AVX2 or less, no bf16 products");
  EXPECT_EQ(instructions(neon()), "NEON, no bf16 products");
}

TEST(ThisProcessor, HasTheInstructionsOfItsArchitecture) {
  const Processor real = this_processor();
  EXPECT_EQ(real.vectors.starts_with("AVX"), kX86) << real.vectors;
  EXPECT_EQ(real.vectors == "NEON", HWY_ARCH_ARM_A64 != 0) << real.vectors;
  EXPECT_EQ(real.has_avx512, real.vectors == "AVX-512");
  EXPECT_LE(real.has_avx512 || real.multiplies_bf16 || real.multiplies_tiles, kX86);
}

TEST(ThisProcessor, HasBlocksThatOnednnHasKernelsFor) {
  const Processor real = this_processor();
  const std::vector<int> possible = kX86 ? std::vector{real.has_avx512 ? 16 : 8} : std::vector{8, 16};
  EXPECT_THAT(possible, testing::Contains(real.activation_block));
}

}  // namespace
}  // namespace alexnet::cpu
