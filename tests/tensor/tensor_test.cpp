#include "alexnet/tensor.h"

#include <gtest/gtest.h>

namespace alexnet {
namespace {

TEST(Shape, CountsElements) {
  EXPECT_EQ(element_count({}), 1);
  EXPECT_EQ(element_count({96, 3, 11, 11}), 34848);
  EXPECT_EQ(element_count({5, 0, 7}), 0);
}

TEST(Shape, ReadsAsText) {
  EXPECT_EQ(to_string(Shape{}), "scalar");
  EXPECT_EQ(to_string(Shape{96, 3, 11, 11}), "96x3x11x11");
}

TEST(Tensor, StartsAsZeros) {
  const Tensor tensor({2, 3});
  EXPECT_EQ(tensor.values, std::vector<float>(6, 0.0F));
}

TEST(TensorView, KeepsWhatItOwns) {
  TensorView copy;
  {
    const TensorView view = TensorView::own(Tensor({2}, {1.0F, 2.0F}));
    copy = view;
    EXPECT_EQ(copy.values.data(), view.values.data());  // copies share storage
  }
  EXPECT_EQ(copy.shape, Shape{2});
  EXPECT_EQ(copy.values[1], 2.0F);
}

}  // namespace
}  // namespace alexnet
