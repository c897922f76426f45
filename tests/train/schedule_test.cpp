#include "train/step/schedule.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace alexnet {
namespace {

Plan plan_of(Schedule schedule) {
  Plan plan;
  plan.schedule = schedule;
  plan.config.lr = 0.01;
  plan.config.epochs = 12;
  return plan;
}

// Values of Python: lr * .5 * (1 + math.cos(math.pi * k / total)).
TEST(Schedule, CosineFallsPerStep) {
  const Plan plan = plan_of(Schedule::kCosine);
  constexpr std::int64_t kSteps = 74;  // 888 in all
  EXPECT_DOUBLE_EQ(learning_rate(plan, kSteps, {0}), 0.01);
  EXPECT_DOUBLE_EQ(learning_rate(plan, kSteps, {1}), 0.00999996870943756);
  EXPECT_DOUBLE_EQ(learning_rate(plan, kSteps, {37}), 0.009957224306869053);
  EXPECT_DOUBLE_EQ(learning_rate(plan, kSteps, {443}), 0.0050176891109240266);
  EXPECT_NEAR(learning_rate(plan, kSteps, {887}), 3.129056243833528e-08, 1e-17);
}

TEST(Schedule, WarmUpRisesInALineAndTheCosineTakesTheRest) {
  Plan plan = plan_of(Schedule::kCosine);
  plan.config.lr = 0.1;
  plan.config.epochs = 10;
  plan.config.warmup_epochs = 1.5;  // 15 of 100 steps
  EXPECT_DOUBLE_EQ(learning_rate(plan, 10, {0}), 0.1 / 15);
  EXPECT_DOUBLE_EQ(learning_rate(plan, 10, {7}), 0.1 * 8 / 15);
  EXPECT_DOUBLE_EQ(learning_rate(plan, 10, {14}), 0.1);
  EXPECT_DOUBLE_EQ(learning_rate(plan, 10, {15}), 0.1);
  EXPECT_DOUBLE_EQ(learning_rate(plan, 10, {50}), 0.06368314950360415);
  EXPECT_NEAR(learning_rate(plan, 10, {99}), 3.41469928488547e-05, 1e-15);
}

TEST(Schedule, StepDividesEverySoManyEpochs) {
  Plan plan = plan_of(Schedule::kStep);
  plan.config.step_epochs = 3;
  plan.config.lr_factor = 0.5;
  EXPECT_DOUBLE_EQ(learning_rate(plan, 10, {29}), 0.01);
  EXPECT_DOUBLE_EQ(learning_rate(plan, 10, {30}), 0.005);
  EXPECT_DOUBLE_EQ(learning_rate(plan, 10, {60}), 0.0025);
}

TEST(Schedule, ConstantStaysAndPlateauScales) {
  EXPECT_DOUBLE_EQ(learning_rate(plan_of(Schedule::kConstant), 10, {77, 0.5}), 0.01);
  EXPECT_DOUBLE_EQ(learning_rate(plan_of(Schedule::kPlateau), 10, {77, 0.5}), 0.005);
}

TEST(Schedule, CosineEndsWhereTheRunDoes) {
  Plan plan = plan_of(Schedule::kCosine);  // 12 epochs
  plan.config.max_steps = 40;              // of 120
  EXPECT_DOUBLE_EQ(learning_rate(plan, 10, {20}), 0.005);
  EXPECT_NEAR(learning_rate(plan, 10, {40}), 0, 1e-12);
  plan.config.max_steps = 0;
  plan.config.max_minutes = 2;
  EXPECT_DOUBLE_EQ(learning_rate(plan, 10, {10, 1, 60}),
                   0.005);                                        // half of the time, a twelfth of the steps
  EXPECT_DOUBLE_EQ(learning_rate(plan, 10, {60, 1, 10}), 0.005);  // faster than the clock
  EXPECT_NEAR(learning_rate(plan, 10, {30, 1, 121}), 0, 1e-12);
}

// torch.optim.lr_scheduler.ReduceLROnPlateau(factor=0.5, patience=2): tools/train_golden.py.
TEST(Plateau, DoesAsPyTorch) {
  const double losses[] = {3.0, 2.0, 2.1, 2.0, 1.99995, 2.5, 1.5, 1.6, 1.7, 1.8, 1.9, 1.9, 1.9};
  const double scales[] = {1, 1, 1, 1, 0.5, 0.5, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.125};
  Plateau plateau;
  for (std::size_t i = 0; i < std::size(losses); ++i) {
    plateau.take(losses[i], 2, 0.5);
    EXPECT_EQ(plateau.scale, scales[i]) << i;
  }
}

TEST(Plateau, TakesNoNaNForTheBest) {
  Plateau plateau;
  plateau.take(std::numeric_limits<double>::quiet_NaN(), 0, 0.5);
  EXPECT_FALSE(plateau.seen);
  plateau.take(1, 0, 0.5);
  EXPECT_EQ(plateau.best, 1);
}

}  // namespace
}  // namespace alexnet
