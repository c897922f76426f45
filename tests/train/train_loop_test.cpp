// The calls that a run's listeners get, and the order in which they get them.
#include "train/loop/train_loop.h"

#include <gmock/gmock.h>

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "alexnet/error.h"
#include "alexnet/log.h"
#include "tests/error_text.h"
#include "tests/temporary_folder.h"
#include "tests/train/tiny_run.h"

namespace alexnet {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Not;

/// Writes down the calls (steps of an epoch as one, "steps 1-6"), and what is needed to resume.
class Recorder final : public RunListener {
 public:
  /// Called with each call written down.
  std::function<void(const std::string&)> on_call;
  std::vector<std::string> calls;
  Progress progress;  // of the last checkpoint
  std::vector<EpochMetrics> epochs;

  void started(const RunStart& start) override { note(start.resumed ? "resumed" : "started"); }
  void preparing(std::int64_t, std::int64_t) override { note("preparing"); }
  void first_batch(const Batch&, std::int64_t step) override { note("first batch " + std::to_string(step)); }
  void stepped(const StepReport& report) override {
    const std::int64_t step = report.metrics.step, first = report.metrics.step_of_epoch;
    if (calls.empty() || !calls.back().starts_with("steps ") || first == 1)
      begin_ = step;
    else
      calls.pop_back();
    note("steps " + std::to_string(begin_) + "-" + std::to_string(step));
  }
  void validating(std::int64_t, std::int64_t) override {
    if (!calls.empty() && calls.back() == "validating") calls.pop_back();
    note("validating");
  }
  void epoch_measured(const EpochReport& report) override {
    epochs = report.epochs;
    note("measured " + std::to_string(report.metrics.epoch) + (report.last ? ", the last" : ""));
  }
  void checkpoint(const Progress& now, TrainStep&) override {
    progress = now;
    note("checkpoint " + std::to_string(now.step));
  }
  void epoch_ended(const EpochMetrics& metrics, bool) override {
    note("ended " + std::to_string(metrics.epoch));
  }
  void ended(bool interrupted) override { note(interrupted ? "interrupted" : "ended"); }
  void failed() override { note("failed"); }

 private:
  void note(const std::string& call) {
    calls.push_back(call);
    if (on_call) on_call(call);
  }

  std::int64_t begin_ = 0;
};

/// Two epochs of six steps.
class Loop : public testing::Test {
 protected:
  void SetUp() override { write_tiny_data(folder_ / "data", 96, 30); }
  TrainConfig config() const {
    TrainConfig config = tiny_config(folder_ / "data", folder_ / "run");
    config.epochs = 2;
    config.checkpoint_minutes = 60;
    return config;
  }

  /// A run of the plan from its start, and all that one needs.
  struct Run {
    explicit Run(const TrainConfig& config)
        : plan(plan_run(config, tiny_network)), step(plan), sources(plan) {
      step.load(plan.weights);
    }
    Plan plan;
    TrainStep step;
    RunSources sources;
    std::atomic<bool> stop = false;
  };
  static TrainResult start(Run& run, Recorder& listener) {
    return TrainLoop(run.plan, run.step, run.sources, listener, &run.stop).run();
  }
  /// In the same process: the network is as the first part left it.
  static TrainResult resume(Run& run, const Recorder& first, Recorder& listener) {
    run.stop = false;
    TrainLoop loop(run.plan, run.step, run.sources, listener, &run.stop);
    loop.resume(first.progress, first.epochs);
    return loop.run();
  }
  /// Asks the run to stop at a call.
  static void stop_at(Run& run, Recorder& listener, const std::string& at) {
    listener.on_call = [&run, at](const std::string& call) {
      if (call == at) run.stop = true;
    };
  }

  TemporaryFolder folder_;
  Recorder recorder_;
};

TEST_F(Loop, MeasuresSavesAndEndsEachEpoch) {
  Run run(config());
  start(run, recorder_);
  EXPECT_THAT(recorder_.calls,
              ElementsAre("started",                                                                 //
                          "first batch 1", "steps 1-6", "validating", "measured 1", "checkpoint 6",  //
                          "ended 1",                                                                 //
                          "first batch 7", "steps 7-12", "validating", "measured 2, the last",       //
                          "checkpoint 12", "ended 2",                                                //
                          "ended"));
}

TEST_F(Loop, SavesBetweenStepsAsOftenAsAskedFor) {
  TrainConfig settings = config();
  settings.checkpoint_minutes = 0;
  settings.max_steps = 2;
  settings.bn_statistics = "moving";
  Run run(settings);
  start(run, recorder_);
  // At a limit once as after any step, once before the epoch is measured, and once behind it.
  EXPECT_THAT(recorder_.calls, ElementsAre("started", "first batch 1", "steps 1-1", "checkpoint 1",
                                           "steps 2-2", "checkpoint 2", "checkpoint 2", "validating",
                                           "measured 1, the last", "checkpoint 2", "ended 1", "ended"));
}

TEST_F(Loop, SavesWhereItIsInterruptedAndGoesOnFromThere) {
  Run run(config());
  stop_at(run, recorder_, "steps 7-9");
  EXPECT_TRUE(start(run, recorder_).interrupted);
  EXPECT_THAT(recorder_.calls,
              ElementsAre("started", "first batch 1", "steps 1-6", "validating", "measured 1", "checkpoint 6",
                          "ended 1", "first batch 7", "steps 7-9", "checkpoint 9", "interrupted"));
  Recorder rest;
  EXPECT_FALSE(resume(run, recorder_, rest).interrupted);
  EXPECT_THAT(rest.calls, ElementsAre("resumed", "steps 10-12", "validating", "measured 2, the last",
                                      "checkpoint 12", "ended 2", "ended"));
}

TEST_F(Loop, MakesAValidationAgainThatWasInterrupted) {
  Run run(config());
  stop_at(run, recorder_, "validating");
  EXPECT_TRUE(start(run, recorder_).interrupted);
  EXPECT_THAT(recorder_.calls, ElementsAre("started", "first batch 1", "steps 1-6", "validating",
                                           "checkpoint 6", "interrupted"));
  Recorder rest;
  resume(run, recorder_, rest);
  EXPECT_THAT(rest.calls, ElementsAre("resumed", "validating", "measured 1", "checkpoint 6", "ended 1",
                                      "first batch 7", "steps 7-12", "validating", "measured 2, the last",
                                      "checkpoint 12", "ended 2", "ended"));
}

TEST_F(Loop, FailsInsteadOfEnding) {
  Run run(config());
  recorder_.on_call = [](const std::string& call) {
    if (call == "steps 1-2") throw DataError("a listener", "cannot write");
  };
  EXPECT_EQ(error_text<DataError>([&] { start(run, recorder_); }), "a listener: cannot write");
  EXPECT_THAT(recorder_.calls, ElementsAre("started", "first batch 1", "steps 1-2", "failed"));
}

TEST_F(Loop, FailsBeforeAStepThatDivergedIsReported) {
  TrainConfig settings = config();
  settings.lr = 1e18;
  settings.momentum = 0;
  Run run(settings);
  EXPECT_THROW(start(run, recorder_), DivergedError);
  EXPECT_EQ(recorder_.calls.back(), "failed");
  EXPECT_THAT(recorder_.calls, Not(Contains("measured 1")));
}

TEST_F(Loop, ComputesFeaturesBeforeItsFirstStep) {
  TrainConfig settings = config();
  settings.freeze = "conv1-pool1";
  settings.epochs = 1;
  Run run(settings);
  start(run, recorder_);
  std::erase(recorder_.calls, "preparing");
  EXPECT_THAT(recorder_.calls, ElementsAre("started", "steps 1-6", "validating", "measured 1, the last",
                                           "checkpoint 6", "ended 1", "ended"));
}

TEST_F(Loop, SavesWhereItIsInterruptedBeforeItsFirstStep) {
  TrainConfig settings = config();
  settings.freeze = "conv1-pool1";
  Run run(settings);
  stop_at(run, recorder_, "preparing");
  EXPECT_TRUE(start(run, recorder_).interrupted);
  EXPECT_THAT(recorder_.calls, ElementsAre("started", "preparing", "checkpoint 0", "interrupted"));
}

/// Adds its name to a list with every call.
class Named final : public RunListener {
 public:
  Named(std::string name, std::vector<std::string>& calls) : name_(std::move(name)), calls_(calls) {}
  void ended(bool) override { calls_.push_back(name_); }
  void failed() override {
    calls_.push_back(name_);
    throw DataError(name_, "cannot write either");
  }

 private:
  std::string name_;
  std::vector<std::string>& calls_;
};

TEST(RunListeners, AreCalledInTheOrderInWhichTheyWereAdded) {
  std::vector<std::string> calls, warnings;
  RunListeners listeners;
  for (const char* name : {"one", "two", "three"}) listeners.add(std::make_unique<Named>(name, calls));
  listeners.ended(false);
  EXPECT_THAT(calls, ElementsAre("one", "two", "three"));
  calls.clear();
  set_log_sink([&](LogLevel, std::string_view message) { warnings.emplace_back(message); });
  listeners.failed();
  set_log_sink({});
  EXPECT_THAT(calls, ElementsAre("one", "two", "three"));
  EXPECT_THAT(warnings, ElementsAre("one: cannot write either", "two: cannot write either",
                                    "three: cannot write either"));
}

/// What a run leaves behind when one of its listeners cannot write: the work of those before it.
class ListenersOfARun : public testing::Test {
 protected:
  void SetUp() override { write_tiny_data(folder_ / "data", 96, 30); }
  /// Trains with a folder in the place of a file, put there after the first step.
  std::string error_with_in_the_way(const char* file) {
    Watcher watcher;
    watcher.on_step = [&](const StepMetrics&) {
      std::filesystem::create_directories(path(file) / "in the way");
    };
    TrainConfig config = tiny_config(folder_ / "data", folder_ / "run");
    config.epochs = 1;
    config.checkpoint_minutes = 60;
    const std::string error = error_text<DataError>([&] { train_tiny(config, watcher); });
    EXPECT_THAT(watcher.epochs, IsEmpty());
    return error;
  }
  std::filesystem::path path(const char* file) const { return folder_ / "run" / file; }
  bool has(const char* file) const { return std::filesystem::is_regular_file(path(file)); }

  TemporaryFolder folder_;
};

TEST_F(ListenersOfARun, SaveTheModelAndTheMetricsOfAnEpochBeforeItIsDrawn) {
  EXPECT_THAT(error_with_in_the_way("curves.png"), testing::HasSubstr("curves.png"));
  for (const char* file :
       {"config.json", "last.safetensors", "best.safetensors", "quarantine.jsonl", "metrics.jsonl"})
    EXPECT_TRUE(has(file)) << file;
  EXPECT_FALSE(has("checkpoint.safetensors"));
}

TEST_F(ListenersOfARun, NameImagesThatWereLeftOutWhateverFailsLater) {
  EXPECT_THAT(error_with_in_the_way("metrics.jsonl"), testing::HasSubstr("metrics.jsonl"));
  EXPECT_TRUE(has("quarantine.jsonl"));
  EXPECT_FALSE(has("curves.png"));
  EXPECT_FALSE(has("checkpoint.safetensors"));
}

TEST_F(ListenersOfARun, TellTheObserverOfWhatIsSaved) {
  TrainConfig config = tiny_config(folder_ / "data", folder_ / "run");
  config.epochs = 1;
  config.checkpoint_minutes = 60;
  struct Check final : TrainObserver {
    std::function<void(const EpochMetrics&)> on_epoch;
    void epoch_done(const EpochMetrics& epoch, bool) override { on_epoch(epoch); }
  } check;
  int epochs = 0;
  check.on_epoch = [&](const EpochMetrics& epoch) {
    ++epochs;
    for (const char* file : {"last.safetensors", "best.safetensors", "quarantine.jsonl", "metrics.jsonl",
                             "curves.png", "confusion.png"})
      EXPECT_TRUE(has(file)) << file;
    EXPECT_EQ(load_checkpoint(path("checkpoint.safetensors")).progress.step, epoch.step);
  };
  train_network(config, tiny_network, check);
  EXPECT_EQ(epochs, 1);
}

// Memory is checked for one copy of the weights beside the network's: the checkpoint's.
TEST_F(Loop, LetsTheValidatedModelGoBeforeTheCheckpointIsCopied) {
  struct Holder final : RunListener {
    std::weak_ptr<const void> weights;
    int gone = 0, there = 0;
    void epoch_measured(const EpochReport& report) override {
      weights = report.trained.weights.begin()->second.keep;
      there += weights.expired() ? 0 : 1;
    }
    void checkpoint(const Progress&, TrainStep&) override { gone += weights.expired() ? 1 : 0; }
  } holder;
  Run run(config());
  TrainLoop(run.plan, run.step, run.sources, holder, nullptr).run();
  EXPECT_EQ(holder.there, 2);
  EXPECT_EQ(holder.gone, 2);
}

}  // namespace
}  // namespace alexnet
