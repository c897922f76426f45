#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <vector>

#include "base/parallel.h"
#include "base/random.h"
#include "engine/host/adamw.h"
#include "engine/host/optimizer_kernels.h"
#include "engine/host/sgd.h"
#include "tests/instruction_sets.h"

namespace alexnet {
namespace {

SlabEntry entry(std::size_t layer, std::size_t offset, std::size_t count, float l2) {
  return {{"w" + std::to_string(layer), layer, Role::kKernel, {static_cast<std::int64_t>(count)}, l2},
          offset,
          count};
}

/// On one thread, unless a test says otherwise.
class OptimizerStep : public testing::Test {
 protected:
  void SetUp() override { set_thread_count(1); }
  void TearDown() override { set_thread_count(1); }
};

// Keras 3.15 and PyTorch 2.15, SGD(0.05, momentum=0.9), l2 0.01 (PyTorch: weight_decay 0.02), three steps:
// tools/train_golden.py. The two differ in the last bit.
TEST_F(OptimizerStep, DoesAsKerasAndPyTorch) {
  Slab weights(16), gradients(16);
  const float start[] = {0.5F, -1.25F, 2.0F, -0.03125F, 0.0F};
  const float steps[3][5] = {{0.1F, -0.2F, 0.3F, -0.4F, 0.5F},
                             {0.5F, 0.25F, -0.125F, 1.0F, -2.0F},
                             {-0.3F, 0.7F, 0.01F, 0.0F, 1.5F}};
  const float expected[] = {0.451191396F, -1.27466905F, 1.95956528F, -0.0719008222F, 0.0472449735F};
  std::copy(std::begin(start), std::end(start), weights.data());
  Sgd sgd({entry(0, 0, 5, 0.01F)}, 16, {false}, 0.9);
  std::int64_t number = 0;
  for (const auto& gradient : steps) {
    std::copy(std::begin(gradient), std::end(gradient), gradients.data());
    sgd.step(weights.span(), gradients.span(), 0.05, ++number);
  }
  for (std::size_t i = 0; i < 5; ++i)
    EXPECT_NEAR(weights.data()[i], expected[i], 2e-8 + 1e-7 * std::abs(expected[i]));
  for (std::size_t i = 5; i < 16; ++i) EXPECT_EQ(weights.data()[i], 0);
}

// PyTorch 2.15, clip_grad_norm_ and SGD with a group of lr 0.1 without decay for the biases, three steps:
// tools/train_golden.py. PyTorch adds 1e-6 to the length that it divides by.
TEST_F(OptimizerStep, DecaysClipsAndHasRatesAsPyTorch) {
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
  Sgd sgd({entry(0, 0, 5, 0), bias}, 32, {false}, 0.9,
          {.weight_decay = 0.02, .bias_lr = 4, .layer_lr = {0.5F}, .clip = 1});
  std::int64_t number = 0;
  for (const auto& gradient : steps) {
    std::copy(std::begin(gradient), std::end(gradient), gradients.data());
    std::copy(std::begin(gradient), std::end(gradient), gradients.data() + 16);
    sgd.step(weights.span(), gradients.span(), 0.05, ++number);
  }
  for (std::size_t i = 0; i < 5; ++i) {
    EXPECT_NEAR(weights.data()[i], expected_weights[i], 5e-7);
    EXPECT_NEAR(weights.data()[16 + i], expected_biases[i], 5e-7);
  }
}

// PyTorch 2.15, clip_grad_norm_ and AdamW(betas=(0.8, 0.95), eps=1e-3) with two groups: kernels with lr 0.025
// and weight_decay 0.3, biases with lr 0.1 and without, three steps: tools/train_golden.py.
TEST_F(OptimizerStep, DoesAsPyTorchsAdamW) {
  Slab weights(32), gradients(32);
  const float start[] = {0.5F, -1.25F, 2.0F, -0.03125F, 0.0F};
  const float steps[3][5] = {{0.1F, -0.2F, 0.3F, -0.4F, 0.5F},
                             {0.5F, 0.25F, -0.125F, 1.0F, -2.0F},
                             {-0.3F, 0.7F, 0.01F, 0.0F, 1.5F}};
  const float expected_weights[] = {0.43542102F, -1.20173681F, 1.90800679F, -0.00607514242F, -0.0266525075F};
  const float expected_biases[] = {0.284129113F, -1.16690063F, 1.80879927F, 0.0681469589F, -0.107926577F};
  const double expected_changes[] = {0.0268101327, 0.0702585175};
  std::copy(std::begin(start), std::end(start), weights.data());
  std::copy(std::begin(start), std::end(start), weights.data() + 16);
  const SlabEntry kernel = entry(0, 0, 5, 0);
  SlabEntry bias = entry(0, 16, 5, 0);
  bias.info.role = Role::kBias;
  AdamW adamw({kernel, bias}, 32, {false}, {.beta1 = 0.8, .beta2 = 0.95, .epsilon = 1e-3},
              {.weight_decay = 0.3, .bias_lr = 4, .layer_lr = {0.5F}, .clip = 1});
  std::int64_t number = 0;
  for (const auto& gradient : steps) {
    std::copy(std::begin(gradient), std::end(gradient), gradients.data());
    std::copy(std::begin(gradient), std::end(gradient), gradients.data() + 16);
    adamw.step(weights.span(), gradients.span(), 0.05, ++number);
  }
  for (std::size_t i = 0; i < 5; ++i) {
    EXPECT_NEAR(weights.data()[i], expected_weights[i], 5e-7);
    EXPECT_NEAR(weights.data()[16 + i], expected_biases[i], 5e-7);
  }
  EXPECT_NEAR(std::sqrt(adamw.squared_change(kernel, weights.span())), expected_changes[0], 1e-6);
  EXPECT_NEAR(std::sqrt(adamw.squared_change(bias, weights.span())), expected_changes[1], 1e-6);
  for (std::size_t i = 5; i < 16; ++i) EXPECT_EQ(weights.data()[i], 0);  // between the tensors
}

/// Both formulas as optimizer_kernels.h has them, number by number.
float plain_sgd(float& w, float& v, float g, const SgdValues& f) {
  v = f.momentum * v - f.lr * (f.scale * g + f.decay * w);
  return w += v;
}
float plain_adamw(float& w, float& m, float& v, float g, const AdamWValues& f) {
  const float gradient = f.scale * g + f.decay * w;
  m += f.new1 * (gradient - m);
  v = f.old2 * v + f.new2 * gradient * gradient;
  return w = f.kept * w - f.rate * (m / (std::sqrt(v) * f.root_correction + f.epsilon));
}

TEST_F(OptimizerStep, EveryInstructionSetGivesTheSameBits) {
  const SgdValues sgd{.lr = 0.03F, .momentum = 0.9F, .decay = 0.0007F, .scale = 0.8F};
  const AdamWValues adamw{.scale = 0.8F,
                          .decay = 0.0007F,
                          .new1 = 0.1F,
                          .old2 = 0.999F,
                          .new2 = 0.001F,
                          .kept = 0.99F,
                          .rate = 0.03F,
                          .root_correction = 7,
                          .epsilon = 1e-8F};
  const int sets = each_instruction_set([&] {
    for (const std::size_t count : {1U, 16U, 21U, 1024U, 2077U}) {
      RandomStream random(1, Purpose::kInitialWeights, 0, count);
      std::vector<float> w(count), g(count), v1(count), m(count), v2(count);
      for (auto* values : {&w, &g, &v1, &m}) std::ranges::generate(*values, [&] { return random.normal(); });
      for (float& value : v2) value = random.uniform();
      std::vector<float> moved = w, velocity = v1, steered = w, first = m, second = v2;
      double squares = 0;
      for (const float value : w) squares += static_cast<double>(value) * value;
      EXPECT_NEAR(move_by_sgd(moved.data(), velocity.data(), g.data(), count, sgd), squares, 1e-6 * squares);
      EXPECT_NEAR(move_by_adamw(steered.data(), first.data(), second.data(), g.data(), count, adamw), squares,
                  1e-6 * squares);
      for (std::size_t i = 0; i < count; ++i) {
        float by_sgd = w[i], by_adamw = w[i];
        ASSERT_EQ(moved[i], plain_sgd(by_sgd, v1[i], g[i], sgd)) << i;
        ASSERT_EQ(velocity[i], v1[i]) << i;
        ASSERT_EQ(steered[i], plain_adamw(by_adamw, m[i], v2[i], g[i], adamw)) << i;
        ASSERT_EQ(first[i], m[i]) << i;
        ASSERT_EQ(second[i], v2[i]) << i;
      }
    }
  });
  EXPECT_GT(sets, 1);
}

TEST_F(OptimizerStep, GivesTheL2LossOfTheWeightsBeforeTheStep) {
  Slab weights(48), gradients(48);
  for (std::size_t i = 0; i < 48; ++i) weights.data()[i] = static_cast<float>(i);
  // 0.5 * (0 + 1 + 4 + ... + 18^2) + 0.25 * (32^2 + 33^2 + 34^2); the last one without l2
  Sgd sgd({entry(0, 0, 19, 0.5F), entry(1, 32, 3, 0.25F), entry(2, 40, 8, 0)}, 48, {false, true, false}, 0);
  EXPECT_DOUBLE_EQ(sgd.step(weights.span(), gradients.span(), 0.1, 1), 0.5 * 2109 + 0.25 * 3269);
}

/// Both optimizers, over two layers of which the first is frozen where that is said.
std::vector<std::unique_ptr<Optimizer>> both(const std::vector<SlabEntry>& layout, std::size_t size,
                                             const std::vector<bool>& frozen) {
  std::vector<std::unique_ptr<Optimizer>> both;
  const OptimizerOptions options{.weight_decay = 0.1, .bias_lr = 1, .layer_lr = {}, .clip = 0};
  both.push_back(std::make_unique<Sgd>(layout, size, frozen, 0.9, options));
  both.push_back(std::make_unique<AdamW>(layout, size, frozen, AdamOptions{}, options));
  return both;
}

TEST_F(OptimizerStep, LeavesFrozenLayersAlone) {
  const std::vector<SlabEntry> layout = {entry(0, 0, 16, 0.1F), entry(1, 16, 16, 0.1F)};
  for (const auto& optimizer : both(layout, 32, {true, false})) {
    Slab weights(32), gradients(32);
    for (std::size_t i = 0; i < 32; ++i) weights.data()[i] = gradients.data()[i] = 1;
    optimizer->step(weights.span(), gradients.span(), 0.5, 1);
    EXPECT_EQ(weights.data()[0], 1);
    EXPECT_LT(weights.data()[16], 0.6F);
    for (const KeptSlab& slab : optimizer->state()) {
      EXPECT_EQ(slab.values[0], 0) << to_string(slab.id);
      EXPECT_NE(slab.values[16], 0) << to_string(slab.id);
    }
    EXPECT_EQ(optimizer->squared_change(layout[0], weights.span()), 0);
  }
}

// Over several pieces of a tensor, with its neighbour left out.
TEST_F(OptimizerStep, KnowsWhatItChanged) {
  constexpr std::size_t kCount = 40'000, kOther = slab_aligned(kCount);
  const std::vector<SlabEntry> layout = {entry(0, 0, kCount, 0.01F), entry(1, kOther, 100, 0)};
  for (const auto& optimizer : both(layout, kOther + 112, {false, false})) {
    Slab weights(kOther + 112), gradients(kOther + 112);
    for (std::size_t i = 0; i < weights.size(); ++i) {
      weights.data()[i] = std::sin(static_cast<float>(i));
      gradients.data()[i] = std::cos(static_cast<float>(i));
    }
    for (std::int64_t number = 1; number <= 3; ++number) {
      const std::vector<float> before(weights.data(), weights.data() + weights.size());
      optimizer->step(weights.span(), gradients.span(), 0.01, number);
      double change = 0;
      for (std::size_t i = 0; i < kCount; ++i) {
        const double by = weights.data()[i] - before[i];
        change += by * by;
      }
      EXPECT_NEAR(optimizer->squared_change(layout[0], weights.span()), change, 1e-5 * change);
    }
  }
}

// What is kept of gradients that have become zero would go on shrinking, slowly.
TEST_F(OptimizerStep, TakesDenormalsForZero) {
  const std::vector<SlabEntry> layout = {entry(0, 0, 16, 0)};
  for (const auto& optimizer : both(layout, 16, {false})) {
    Slab weights(16), gradients(16);
    std::ranges::fill(gradients.span(), 1e-39F);
    optimizer->step(weights.span(), gradients.span(), 0.5, 1);
    for (const KeptSlab& slab : optimizer->state()) EXPECT_EQ(slab.values[0], 0) << to_string(slab.id);
  }
}

TEST_F(OptimizerStep, DoesNotDependOnTheNumberOfThreads) {
  constexpr std::size_t kCount = 100'003;
  const auto run = [](int threads, std::size_t which) {
    set_thread_count(threads);
    Slab weights(slab_aligned(kCount)), gradients(slab_aligned(kCount));
    for (std::size_t i = 0; i < kCount; ++i) {
      weights.data()[i] = std::sin(static_cast<float>(i));
      gradients.data()[i] = std::cos(static_cast<float>(i));
    }
    const auto optimizers = both({entry(0, 0, kCount, 0.1F)}, weights.size(), {false});
    double loss = 0;
    for (int step = 1; step <= 3; ++step)
      loss = optimizers[which]->step(weights.span(), gradients.span(), 0.01, step);
    return std::pair(loss, std::vector<float>(weights.data(), weights.data() + kCount));
  };
  for (const std::size_t which : {0U, 1U}) {
    const auto one = run(1, which), three = run(3, which);
    EXPECT_EQ(one.first, three.first);
    EXPECT_EQ(one.second, three.second);
  }
}

}  // namespace
}  // namespace alexnet
