#include "studies/run_watch.h"

#include <gtest/gtest.h>

#include <cmath>

namespace alexnet {
namespace {

class Listener final : public StudyObserver {
 public:
  void progressed(const StudyProgress& now) override { last = now; }
  void run_done(const StudyRun&, const StudyProgress& now, bool) override { last = now; }
  StudyProgress last;
};

/// Two runs of four epochs of ten steps.
class Watching : public testing::Test {
 protected:
  Watching() {
    study_.variants = {{"base", "", {}}};
    study_.variants[0].config.epochs = 4;
    runs_.resize(2);
  }
  void step(int epoch, int number, double epoch_seconds_left) {
    StepMetrics metrics;
    metrics.epoch = epoch;
    metrics.step_of_epoch = number;
    metrics.steps_per_epoch = 10;
    metrics.epoch_seconds_left = epoch_seconds_left;
    metrics.seconds_left = 1e6;  // of the run alone, which is not what is asked
    watch_.stepped(metrics);
  }

  Study study_;
  std::vector<StudyRun> runs_;
  Listener listener_;
  RunWatch watch_{study_, runs_, listener_};
};

TEST_F(Watching, GuessesFromStepsUntilAnEpochIsDone) {
  watch_.begin(0);
  step(1, 2, 8.0);  // a second each: 10 an epoch
  EXPECT_NEAR(listener_.last.seconds_left, 80 - 2, 1e-9);
}

TEST_F(Watching, CountsWholeEpochsThen) {
  watch_.begin(0);
  step(1, 10, 0);
  EpochMetrics epoch;
  epoch.epoch = 1;
  epoch.seconds = 15;  // with its validation
  watch_.epoch_done(epoch, true);
  step(2, 5, 5.0);
  EXPECT_NEAR(listener_.last.seconds_left, 15 * (8 - 1.5), 1e-9);
}

}  // namespace
}  // namespace alexnet
