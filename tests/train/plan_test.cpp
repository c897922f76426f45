#include "train/plan/plan.h"

#include <gmock/gmock.h>

#include "alexnet/error.h"
#include "base/parallel.h"
#include "tests/error_text.h"
#include "tests/temporary_folder.h"
#include "tests/train/tiny_run.h"
#include "train/step/checkpoint.h"

namespace alexnet {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class Planning : public testing::Test {
 protected:
  void SetUp() override { write_tiny_data(folder_ / "data", 96, 30); }
  TrainConfig config() const { return tiny_config(folder_ / "data", folder_ / "run"); }
  TrainResult run(const TrainConfig& config) { return train_tiny(config, watcher_); }

  TemporaryFolder folder_;
  Watcher watcher_;
};

TEST_F(Planning, TakesTheUsualThreadsAgainAfterARunWithOthers) {
  const auto threads_of = [&](int asked) {
    TrainConfig settings = config();
    settings.threads = asked;
    return plan_run(settings, tiny_network, {.weights = false}).config.threads;
  };
  const int usual = threads_of(0);
  EXPECT_EQ(threads_of(usual + 1), usual + 1);
  EXPECT_EQ(threads_of(0), usual);
  set_thread_count(usual + 2);
  EXPECT_EQ(threads_of(usual + 1), usual + 1);
  EXPECT_EQ(threads_of(0), usual + 2);
  set_thread_count(usual);
}

TEST_F(Planning, KeepsViewsWhereAnyAugmentationVariesThem) {
  const auto views = [&](void (*change)(TrainConfig&)) {
    TrainConfig settings = config();
    settings.freeze = "conv1";
    settings.channels = 3;
    settings.augment = "none";
    settings.views = 4;
    change(settings);
    return plan_run(settings, tiny_network, {.weights = false}).config.views;
  };
  EXPECT_EQ(views([](TrainConfig&) {}), 1);
  EXPECT_EQ(views([](TrainConfig& settings) { settings.augment = "article"; }), 4);
  EXPECT_EQ(views([](TrainConfig& settings) { settings.augment = "resized"; }), 4);
  EXPECT_EQ(views([](TrainConfig& settings) { settings.colour = 0.1; }), 4);
  EXPECT_EQ(views([](TrainConfig& settings) { settings.jitter = 0.1; }), 4);
  EXPECT_EQ(views([](TrainConfig& settings) { settings.cutout = 2; }), 4);
}

TEST_F(Planning, KnowsWhatNamesInTheSettingsMean) {
  TrainConfig settings = config();
  settings.optimizer = "adamw";
  settings.beta2 = 0.99;
  settings.ema = 0.9;
  settings.layer_lr = "fc2=10";
  settings.schedule = "plateau";
  settings.convolution = "direct";
  const Plan plan = plan_run(settings, tiny_network, {.weights = false});
  EXPECT_EQ(plan.engine->name(), "reference");
  EXPECT_EQ(plan.update.optimizer, UpdateRule::Optimizer::kAdamW);
  EXPECT_EQ(plan.update.beta2, 0.99);
  EXPECT_EQ(plan.update.average, 0.9);
  EXPECT_THAT(plan.update.layer_lr, testing::ElementsAre(1, 1, 1, 1, 1, 1, 10, 1));
  EXPECT_EQ(plan.schedule, Schedule::kPlateau);
  EXPECT_EQ(plan.convolution, Convolution::kDirect);
  const auto schedule_of = [&](const char* name) {
    settings.schedule = name;
    return plan_run(settings, tiny_network, {.weights = false}).schedule;
  };
  EXPECT_EQ(schedule_of("constant"), Schedule::kConstant);
  EXPECT_EQ(schedule_of("step"), Schedule::kStep);
  EXPECT_EQ(schedule_of("cosine"), Schedule::kCosine);
}

TEST_F(Planning, TakesTheOrderOfChannelsFromTheCheckpoint) {
  RunIdentity identity;
  identity.preprocessing.bgr = true;
  const Plan plan = plan_run(config(), tiny_network, {.resumed = &identity});
  EXPECT_TRUE(plan.preprocessing.bgr);
  EXPECT_TRUE(training_loader(plan).preprocessing.bgr);
  EXPECT_TRUE(plan.weights.empty());
}

// They would be others in config.json and in the model: the run could not be resumed, nor its model be
// tested.
TEST_F(Planning, RefusesNamesThatAreNotUtf8) {
  for (const char* name : {"caf\xe9", "dog"}) write_png(folder_ / "photos" / name / "1.png", 12, 0);
  EXPECT_THAT(error_text<DataError>([&] { run(tiny_config(folder_ / "photos", folder_ / "run")); }),
              AllOf(HasSubstr("photos: its class 'caf?' has a name that is not UTF-8"), HasSubstr("rename")));
  write_tiny_data(folder_ / "gro\xdf", 96, 30);
  EXPECT_THAT(error_text<DataError>([&] { run(tiny_config(folder_ / "gro\xdf", folder_ / "run")); }),
              AllOf(HasSubstr("/gro"), HasSubstr("has a name that is not UTF-8; rename it")));
  TrainConfig settings = config();
  settings.validation = (folder_ / "gro\xdf").string();
  EXPECT_THAT(error_text<DataError>([&] { run(settings); }), HasSubstr("not UTF-8"));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "run"));
}

}  // namespace
}  // namespace alexnet
