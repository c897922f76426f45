#include <gtest/gtest.h>

#include <tuple>

#include "engine/cpu/conv.h"
#include "engine/cpu/unit_stride_conv.h"

namespace alexnet::cpu {
namespace {

/// A convolution with 'same' padding of 5x5 kernels, as it is computed in training.
ConvPlan as_computed(int in, int out, int groups, int stride) {
  const Conv conv{
      .filters = out, .kernel = 5, .stride = stride, .padding = {Padding::Mode::kSame, 0}, .groups = groups};
  const Layout input{2, {in, 7, 9}, activation_block()};
  const Layout output{2, {out, (7 + stride - 1) / stride, (9 + stride - 1) / stride}, activation_block()};
  ConvPlan plan;
  plan.geometry = conv_geometry(conv, input, output);
  plan.training = plan.parameter_gradients = plan.input_gradient = true;
  return with_fast_groups(plan);
}

// oneDNN takes any groups, but computes those that do not fill its blocks hundreds of times slower.
TEST(GroupedConvolution, IsNotLeftToPlainLoops) {
  if (!convolves_fast(as_computed(48, 128, 1, 1).geometry))
    GTEST_SKIP() << "oneDNN has nothing but plain loops for this processor";
  for (const auto& [in, out, groups] :
       {std::tuple(48, 128, 2), {24, 64, 2}, {21, 27, 3}, {96, 256, 2}, {36, 36, 3}})
    for (const int stride : {1, 2}) {
      const ConvPlan plan = as_computed(in, out, groups, stride);
      EXPECT_TRUE(UnitStrideConv::suits(plan) || convolves_fast(plan.geometry))
          << in << " to " << out << " in " << groups << ", stride " << stride;
    }
}

TEST(GroupedConvolution, StaysInGroupsThatFillBlocks) {
  EXPECT_EQ(as_computed(96, 256, 2, 1).geometry.groups, 2);
  EXPECT_EQ(as_computed(96, 96, 3, 2).geometry.groups, 3);
}

}  // namespace
}  // namespace alexnet::cpu
