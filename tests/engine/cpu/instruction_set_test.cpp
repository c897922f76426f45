#include "engine/cpu/onednn/instruction_set.h"

#include <gtest/gtest.h>

namespace alexnet::cpu {
namespace {

TEST(InstructionSet, KernelsForAvx2NeedFusedProducts) {
  EXPECT_TRUE(lacks_fused_products(/*avx2=*/true, /*fma=*/false));
  EXPECT_FALSE(lacks_fused_products(true, true));
  EXPECT_FALSE(lacks_fused_products(false, false));
}

}  // namespace
}  // namespace alexnet::cpu
