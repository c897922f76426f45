#include <gtest/gtest.h>

#include <algorithm>
#include <span>
#include <tuple>
#include <vector>

#include "base/random.h"
#include "engine/cpu/cpu_engine.h"
#include "engine/cpu/plan/convolution_choice.h"
#include "model/geometry.h"

namespace alexnet::cpu {
namespace {

/// A convolution with 'same' padding of 5x5 kernels, in training.
ConvolutionWish wish(int in, int out, int groups, int stride) {
  const Conv conv{
      .filters = out, .kernel = 5, .stride = stride, .padding = {Padding::Mode::kSame, 0}, .groups = groups};
  const int block = this_processor().activation_block;
  const Layout input{2, {in, 7, 9}, block};
  const Layout output{2, {out, (7 + stride - 1) / stride, (9 + stride - 1) / stride}, block};
  return {.geometry = convolution_geometry(conv, input, output), .training = true};
}

ConvolutionChoice chosen(const ConvolutionWish& wish) { return choose_convolution(wish, this_processor()); }

// oneDNN takes any groups, but computes those that do not fill its blocks hundreds of times slower.
TEST(GroupedConvolution, IsNotLeftToPlainLoops) {
  if (!convolves_fast(wish(48, 128, 1, 1).geometry))
    GTEST_SKIP() << "oneDNN has nothing but plain loops for this processor";
  for (const auto& [in, out, groups] :
       {std::tuple(48, 128, 2), {24, 64, 2}, {21, 27, 3}, {96, 256, 2}, {36, 36, 3}})
    for (const int stride : {1, 2}) {
      ConvolutionWish computed = wish(in, out, groups, stride);
      const ConvolutionChoice choice = chosen(computed);
      if (choice.joins_groups) computed.geometry.groups = 1;
      EXPECT_TRUE(choice.algorithm != ConvolutionAlgorithm::kDirect || convolves_fast(computed.geometry))
          << in << " to " << out << " in " << groups << ", stride " << stride;
    }
}

TEST(GroupedConvolution, StaysInGroupsThatFillBlocks) {
  EXPECT_FALSE(chosen(wish(96, 256, 2, 1)).joins_groups);
  EXPECT_FALSE(chosen(wish(96, 96, 3, 2)).joins_groups);
}

std::size_t not_zero(std::span<const float> values) {
  return values.size() - static_cast<std::size_t>(std::ranges::count(values, 0.0F));
}

// The gradients that one convolution has for weights between groups must not teach them.
TEST(GroupedConvolution, LearnsNothingBetweenGroups) {
  const NetworkSpec spec{"towers",
                         {48, 7, 9},
                         {{"conv", Conv{.filters = 128, .kernel = 5, .groups = 2}}, {"flatten", Flatten{}}}};
  CompileOptions options;
  options.batch = 2;
  options.training = true;
  const auto network = cpu_engine().compile(spec, options);
  network->load(initial_weights(spec, 0));
  RandomStream random(0, Purpose::kSample, 0, 0);
  std::vector<float> gradient(network->logits().size());
  for (const std::span<float> values : {network->input(), std::span<float>(gradient)})
    for (float& value : values) value = random.normal();
  network->forward({Pass::kTraining, 0, 0});
  network->set_logits_gradient(gradient);
  network->backward();
  constexpr std::size_t kKernel = 128 * 24 * 5 * 5;
  EXPECT_EQ(not_zero(network->download(SlabId::kParameters, 0, network->slab_size(SlabId::kParameters))),
            kKernel);  // biases begin at zero
  EXPECT_EQ(not_zero(network->download(SlabId::kGradients, 0, network->slab_size(SlabId::kGradients))),
            kKernel + 128);
}

}  // namespace
}  // namespace alexnet::cpu
