// Whole runs with AdamW, averaged weights and stronger augmentation.
#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "alexnet/error.h"
#include "alexnet/evaluate.h"
#include "alexnet/settings.h"
#include "base/file.h"
#include "tests/error_text.h"
#include "tests/temporary_folder.h"
#include "tests/train/tiny_run.h"
#include "train/step/checkpoint.h"

namespace alexnet {
namespace {

using testing::HasSubstr;

bool same(const TensorView& a, const TensorView& b) {
  return a.shape == b.shape && std::memcmp(a.values.data(), b.values.data(), a.values.size_bytes()) == 0;
}

/// Without batch normalisation, whose statistics are those of augmented images.
NetworkSpec plain_network(int width, int height, int depth, int classes, double reg) {
  NetworkSpec spec = tiny_network(width, height, depth, classes, reg);
  std::erase_if(spec.layers, [](const Layer& layer) { return layer.name == "bn1"; });
  return spec;
}

class Recipe : public testing::Test {
 protected:
  void SetUp() override { write_tiny_data(folder_ / "data", 96, 30); }
  TrainConfig config(const std::string& run) const { return tiny_config(folder_ / "data", folder_ / run); }
  TrainConfig everything(const std::string& run) const {
    TrainConfig settings = config(run);
    settings.optimizer = "adamw";
    settings.lr = 0.003;
    settings.weight_decay = 0.05;
    settings.ema = 0.9;
    settings.augment = "resized";
    settings.min_area = 0.4;
    settings.jitter = 0.3;
    settings.cutout = 3;
    settings.mixup = 0.3;
    return settings;
  }
  Checkpoint checkpoint(const std::string& run) const {
    return load_checkpoint(folder_ / run / "checkpoint.safetensors");
  }
  Model last(const std::string& run) const { return load_model(folder_ / run / "last.safetensors"); }

  /// A run of `settings` that is stopped after so many steps, or validating, and is resumed, ends as one that
  /// is not.
  void expect_same_when_stopped(TrainConfig settings) {
    Watcher watcher;
    train_tiny(settings, watcher);
    const std::filesystem::path whole = settings.out;
    for (const bool validating : {false, true}) {
      settings.out = (folder_ / (validating ? "stopped validating" : "stopped")).string();
      std::atomic<bool> stop = false;
      Watcher stopper;
      stopper.on_step = [&](const StepMetrics& step) { stop = !validating && step.step == 8; };
      stopper.on_validating = [&] { stop = validating; };
      EXPECT_TRUE(train_tiny(settings, stopper, &stop).interrupted);
      EXPECT_FALSE(resume_tiny(settings.out, watcher).interrupted);
      EXPECT_EQ(difference(settings.out, whole), "");
    }
  }

  TemporaryFolder folder_;
  Watcher watcher_;
};

TEST_F(Recipe, LearnsWithAllOfIt) {
  TrainConfig settings = everything("run");
  settings.min_area = 0.9;  // classes are places here
  settings.lr = 0.02;
  settings.epochs = 12;
  train_tiny(settings, watcher_);
  EXPECT_GT(*watcher_.epochs.back().val_top1, 0.85);
  EXPECT_GT(watcher_.epochs.back().train_top1, 0.6);
  EXPECT_LT(watcher_.epochs.back().train_loss, watcher_.epochs.front().train_loss);
}

TEST_F(Recipe, GoesOnAsIfTheRunHadNotStopped) { expect_same_when_stopped(everything("whole")); }

TEST_F(Recipe, GoesOnWithMovingStatisticsToo) {
  TrainConfig settings = everything("whole");
  settings.bn_statistics = "moving";
  expect_same_when_stopped(settings);
}

TEST_F(Recipe, AnotherOptimizersCheckpointIsRefused) {
  struct Case {
    const char *optimizer, *other;
  };
  for (const Case& one : {Case{"adamw", "sgd"}, Case{"sgd", "adamw"}}) {
    const std::filesystem::path run = folder_ / one.optimizer;
    TrainConfig settings = config(one.optimizer);
    settings.optimizer = one.optimizer;
    std::atomic<bool> stop = false;
    Watcher watcher;
    watcher.on_step = [&](const StepMetrics&) { stop = true; };
    train_tiny(settings, watcher, &stop);
    apply_config_file(settings, run / "config.json");
    settings.optimizer = one.other;
    write_file(run / "config.json", to_json(settings));
    EXPECT_THAT(error_text<DataError>([&] { resume_tiny(run, watcher); }),
                HasSubstr(std::string("optimizer is ") + one.other + ", but this run was started with " +
                          one.optimizer));
  }
}

TEST_F(Recipe, AnAverageThatIsNotThereIsMissed) {
  TrainConfig settings = config("run");
  settings.epochs = 1;
  train_tiny(settings, watcher_);
  apply_config_file(settings, folder_ / "run/config.json");
  settings.epochs = 2;
  settings.ema = 0.9;
  write_file(folder_ / "run/config.json", to_json(settings));
  EXPECT_THAT(error_text<DataError>([&] { resume_tiny(folder_ / "run", watcher_); }),
              HasSubstr("ema is 0.9, but this run was started with 0"));
}

// Validated is what is saved, the average; training does not notice.
TEST_F(Recipe, SavesTheAveragedWeights) {
  for (const char* statistics : {"measured", "moving"}) {
    TrainConfig settings = config(std::string("plain ") + statistics);
    settings.bn_statistics = statistics;
    train_tiny(settings, watcher_);
    const std::string run = std::string("averaged ") + statistics;
    settings.out = (folder_ / run).string();
    settings.ema = 0.9;
    train_tiny(settings, watcher_);

    const Checkpoint plain = checkpoint(std::string("plain ") + statistics), averaged = checkpoint(run);
    const Model saved = last(run);
    for (const char* name : {"conv1.weight", "conv1.bias", "bn1.weight", "fc2.weight"}) {
      EXPECT_TRUE(same(averaged.tensors.at(name), plain.tensors.at(name))) << name;
      EXPECT_TRUE(same(saved.weights.at(name), averaged.tensors.at(std::string("ema.") + name))) << name;
      EXPECT_FALSE(same(saved.weights.at(name), averaged.tensors.at(name))) << name;
    }
    const bool measured = settings.bn_statistics == "measured";  // for the average; or else training's own
    EXPECT_EQ(same(saved.weights.at("bn1.running_mean"), plain.tensors.at("bn1.running_mean")), !measured);

    EvaluateOptions how;
    how.engine = "reference";
    const Evaluation again = evaluate(saved, open_evaluation(folder_ / "data", saved.classes), how);
    EXPECT_NEAR(again.loss, *watcher_.epochs.back().val_loss, 1e-5);
    EXPECT_EQ(again.top1, *watcher_.epochs.back().val_top1);
  }
}

// With a learning rate of 0 the network stays as it is: what it is tested on must, too.
TEST_F(Recipe, DoesNotTouchWhatIsTestedOn) {
  for (const bool with : {false, true}) {
    TrainConfig settings = with ? everything("with") : config("without");
    settings.lr = 0;
    settings.epochs = 1;
    train_network(settings, plain_network, watcher_);
  }
  ASSERT_EQ(watcher_.epochs.size(), 2U);
  EXPECT_EQ(watcher_.epochs[0].val_loss, watcher_.epochs[1].val_loss);
  EXPECT_NE(watcher_.epochs[0].train_loss, watcher_.epochs[1].train_loss);
}

TEST_F(Recipe, MixesTheFeaturesOfFrozenLayers) {
  for (const double mixup : {0.0, 0.5}) {
    TrainConfig settings = config(mixup > 0 ? "mixed" : "plain");
    settings.freeze = "conv1-bn1";
    settings.augment = "none";
    settings.jitter = 0.2;  // views differ in colour alone
    settings.views = 2;
    settings.mixup = mixup;
    train_tiny(settings, watcher_);
  }
  ASSERT_EQ(watcher_.steps.size(), 48U);
  EXPECT_NE(watcher_.steps[0].loss, watcher_.steps[24].loss);
  EXPECT_GT(*watcher_.epochs.back().val_top1, 0.5);
  EXPECT_THAT(watcher_.notes, testing::Contains(HasSubstr("features of 2 views of each image")));
}

TEST_F(Recipe, ACutoutLargerThanTheImageIsRefused) {
  TrainConfig settings = config("run");
  settings.cutout = 11;
  EXPECT_THAT(error_text<UsageError>([&] { train_tiny(settings, watcher_); }), HasSubstr("--cutout: 11"));
}

}  // namespace
}  // namespace alexnet
