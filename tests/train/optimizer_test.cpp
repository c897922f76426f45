#include "train/optimizer.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>

#include "base/parallel.h"

namespace alexnet {
namespace {

SlabEntry entry(std::size_t layer, std::size_t offset, std::size_t count, float l2) {
  return {{"w" + std::to_string(layer), layer, Role::kKernel, {static_cast<std::int64_t>(count)}, l2},
          offset,
          count};
}

/// On one thread, unless a test says otherwise.
class SgdStep : public testing::Test {
 protected:
  void SetUp() override { set_thread_count(1); }
  void TearDown() override { set_thread_count(1); }
};

// Keras 3.15 and PyTorch 2.15, SGD(0.05, momentum=0.9), l2 0.01 (PyTorch: weight_decay 0.02), three steps:
// tools/train_golden.py. The two differ in the last bit.
TEST_F(SgdStep, DoesAsKerasAndPyTorch) {
  Slab weights(16), gradients(16);
  const float start[] = {0.5F, -1.25F, 2.0F, -0.03125F, 0.0F};
  const float steps[3][5] = {{0.1F, -0.2F, 0.3F, -0.4F, 0.5F},
                             {0.5F, 0.25F, -0.125F, 1.0F, -2.0F},
                             {-0.3F, 0.7F, 0.01F, 0.0F, 1.5F}};
  const float expected[] = {0.451191396F, -1.27466905F, 1.95956528F, -0.0719008222F, 0.0472449735F};
  std::copy(std::begin(start), std::end(start), weights.data());
  Sgd sgd({entry(0, 0, 5, 0.01F)}, 16, {false});
  for (const auto& gradient : steps) {
    std::copy(std::begin(gradient), std::end(gradient), gradients.data());
    sgd.step(weights.span(), gradients.span(), 0.05, 0.9);
  }
  for (std::size_t i = 0; i < 5; ++i)
    EXPECT_NEAR(weights.data()[i], expected[i], 2e-8 + 1e-7 * std::abs(expected[i]));
  for (std::size_t i = 5; i < 16; ++i) EXPECT_EQ(weights.data()[i], 0);
}

// PyTorch 2.15, clip_grad_norm_ and SGD with a group of lr 0.1 without decay for the biases, three steps:
// tools/train_golden.py. PyTorch adds 1e-6 to the length that it divides by.
TEST_F(SgdStep, DecaysClipsAndHasRatesAsPyTorch) {
  Slab weights(32), gradients(32);
  const float start[] = {0.5F, -1.25F, 2.0F, -0.03125F, 0.0F};
  const float steps[3][5] = {{0.1F, -0.2F, 0.3F, -0.4F, 0.5F},
                             {0.5F, 0.25F, -0.125F, 1.0F, -2.0F},
                             {-0.3F, 0.7F, 0.01F, 0.0F, 1.5F}};
  const float expected_weights[] = {0.488021791F, -1.24457729F, 1.97674012F, -0.0198888034F, -0.0189437754F};
  const float expected_biases[] = {0.45766899F, -1.24229598F, 1.92933869F, 0.0139014525F, -0.0758350343F};
  std::copy(std::begin(start), std::end(start), weights.data());
  std::copy(std::begin(start), std::end(start), weights.data() + 16);
  SlabEntry bias = entry(0, 16, 5, 0);
  bias.info.role = Role::kBias;
  Sgd sgd({entry(0, 0, 5, 0), bias}, 32, {false},
          {.weight_decay = 0.02, .bias_lr = 4, .layer_lr = {0.5F}, .clip = 1});
  for (const auto& gradient : steps) {
    std::copy(std::begin(gradient), std::end(gradient), gradients.data());
    std::copy(std::begin(gradient), std::end(gradient), gradients.data() + 16);
    sgd.step(weights.span(), gradients.span(), 0.05, 0.9);
  }
  for (std::size_t i = 0; i < 5; ++i) {
    EXPECT_NEAR(weights.data()[i], expected_weights[i], 5e-7);
    EXPECT_NEAR(weights.data()[16 + i], expected_biases[i], 5e-7);
  }
}

TEST_F(SgdStep, GivesTheL2LossOfTheWeightsBeforeTheStep) {
  Slab weights(48), gradients(48);
  for (std::size_t i = 0; i < 48; ++i) weights.data()[i] = static_cast<float>(i);
  // 0.5 * (0 + 1 + 4 + ... + 18^2) + 0.25 * (32^2 + 33^2 + 34^2); the last one without l2
  Sgd sgd({entry(0, 0, 19, 0.5F), entry(1, 32, 3, 0.25F), entry(2, 40, 8, 0)}, 48, {false, true, false});
  EXPECT_DOUBLE_EQ(sgd.step(weights.span(), gradients.span(), 0.1, 0), 0.5 * 2109 + 0.25 * 3269);
}

TEST_F(SgdStep, LeavesFrozenLayersAlone) {
  Slab weights(32), gradients(32);
  for (std::size_t i = 0; i < 32; ++i) weights.data()[i] = gradients.data()[i] = 1;
  Sgd sgd({entry(0, 0, 16, 0.1F), entry(1, 16, 16, 0.1F)}, 32, {true, false});
  sgd.step(weights.span(), gradients.span(), 0.5, 0.9);
  EXPECT_EQ(weights.data()[0], 1);
  EXPECT_EQ(sgd.velocity()[0], 0);
  EXPECT_FLOAT_EQ(weights.data()[16], 0.4F);
}

TEST_F(SgdStep, DoesNotDependOnTheNumberOfThreads) {
#ifdef __SANITIZE_THREAD__
  GTEST_SKIP() << "OpenMP's own synchronisation is not known to the thread sanitizer";
#endif
  constexpr std::size_t kCount = 100'003;
  const auto run = [](int threads) {
    set_thread_count(threads);
    Slab weights(slab_aligned(kCount)), gradients(slab_aligned(kCount));
    for (std::size_t i = 0; i < kCount; ++i) {
      weights.data()[i] = std::sin(static_cast<float>(i));
      gradients.data()[i] = std::cos(static_cast<float>(i));
    }
    Sgd sgd({entry(0, 0, kCount, 0.1F)}, weights.size(), {false});
    double loss = 0;
    for (int step = 0; step < 3; ++step) loss = sgd.step(weights.span(), gradients.span(), 0.01, 0.9);
    return std::pair(loss, std::vector<float>(weights.data(), weights.data() + kCount));
  };
  const auto one = run(1), three = run(3);
  EXPECT_EQ(one.first, three.first);
  EXPECT_EQ(one.second, three.second);
}

}  // namespace
}  // namespace alexnet
