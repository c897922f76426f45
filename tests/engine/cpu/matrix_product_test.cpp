#include "engine/cpu/onednn/matrix_product.h"

#include <gtest/gtest.h>

namespace alexnet::cpu {
namespace {

TEST(Multiply, SaysWhenItCouldNot) {
  const float a[6] = {1, 2, 3, 4, 5, 6}, b[3] = {1, 10, 100};
  float c[2] = {};
  ASSERT_TRUE(multiply({a, 3}, {b, 1}, c, 1, 2, 1, 3));
  EXPECT_EQ(c[0], 321);
  EXPECT_EQ(c[1], 654);
  // Rows of three numbers cannot be one apart.
  EXPECT_FALSE(multiply({a, 1}, {b, 1}, c, 1, 2, 1, 3));
}

}  // namespace
}  // namespace alexnet::cpu
