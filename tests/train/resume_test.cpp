// A run that was stopped, killed or damaged anywhere resumes to the same end.
#include <gmock/gmock.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <thread>

#include "alexnet/error.h"
#include "alexnet/settings.h"
#include "base/file.h"
#include "base/parallel.h"
#include "base/random.h"
#include "tests/error_text.h"
#include "tests/temporary_folder.h"
#include "tests/train/tiny_run.h"
#include "train/step/checkpoint.h"

namespace alexnet {
namespace {

using testing::AllOf;
using testing::AnyOf;
using testing::HasSubstr;
using testing::Not;

/// Data and a run that was never stopped, made once.
struct Whole {
  TemporaryFolder folder;
  Whole() {
    write_tiny_data(folder / "data", 96, 30);
    Watcher watcher;
    train_tiny(config(folder / "run"), watcher);
  }
  TrainConfig config(const std::filesystem::path& out) const {
    TrainConfig config = tiny_config(folder / "data", out);
    config.epochs = 3;
    config.schedule = "plateau";
    config.step_epochs = 1;
    return config;
  }
};

const Whole& whole() {
  static const Whole made;
  return made;
}

class Resume : public testing::Test {
 protected:
  /// A run stopped after `steps` steps.
  void train_until(std::int64_t steps, const TrainConfig& config) {
    std::atomic<bool> stop{false};
    Watcher watcher;
    watcher.on_step = [&](const StepMetrics& step) { stop = step.step == steps; };
    EXPECT_TRUE(train_tiny(config, watcher, &stop).interrupted);
    EXPECT_EQ(watcher.steps.size(), static_cast<std::size_t>(steps));
  }

  /// A run of `config`, whose folder is folder_ / "straight", and one that is stopped in between end alike.
  void expect_same_when_stopped(TrainConfig config) {
    Watcher watcher;
    train_tiny(config, watcher);
    config.out = run().string();
    train_until(8, config);
    resume_tiny(run(), watcher);
    EXPECT_EQ(difference(run(), folder_ / "straight"), "");
  }
  std::filesystem::path run() const { return folder_ / "run"; }

  TemporaryFolder folder_;
};

class StoppedAfter : public Resume, public testing::WithParamInterface<int> {};

TEST_P(StoppedAfter, EndsAsIfItHadNot) {
  TrainConfig config = whole().config(run());
  config.checkpoint_minutes = 60;  // only the one at the stop
  train_until(GetParam(), config);
  Watcher watcher;
  const TrainResult result = resume_tiny(run(), watcher);
  EXPECT_FALSE(result.interrupted);
  EXPECT_EQ(watcher.steps.size(), 18U - static_cast<std::size_t>(GetParam()));
  EXPECT_EQ(result.epochs.size(), 3U);
  EXPECT_EQ(result.validation.images, 30);
  EXPECT_EQ(difference(run(), whole().folder / "run"), "");
}

INSTANTIATE_TEST_SUITE_P(Steps, StoppedAfter, testing::Values(1, 4, 6, 7, 12, 17, 18));

TEST_F(Resume, MovingStatisticsAndFrozenLayersGoOnToo) {
  TrainConfig config = whole().config(folder_ / "straight");
  config.bn_statistics = "moving";
  config.freeze = "conv1";
  config.class_weights = "balanced";
  config.label_smoothing = 0.1;
  expect_same_when_stopped(config);
}

TEST_F(Resume, TheFastEngineWithSeveralThreadsGoesOnToo) {
  TrainConfig config = whole().config(folder_ / "straight");
  config.engine = "cpu";
  config.threads = 2;
  expect_same_when_stopped(config);
  set_thread_count(1);
}

TEST_F(Resume, ARunInBf16GoesOnToo) {
  TrainConfig config = whole().config(folder_ / "straight");
  config.engine = "cpu";
  config.precision = "bf16";
  expect_same_when_stopped(config);
}

TEST_F(Resume, AStopDuringValidationIsHeard) {
  std::atomic<bool> stop{false};
  Watcher watcher;
  watcher.on_validating = [&] { stop = true; };
  EXPECT_TRUE(train_tiny(whole().config(run()), watcher, &stop).interrupted);
  EXPECT_EQ(watcher.epochs.size(), 0U);
  Watcher second;
  resume_tiny(run(), second);
  EXPECT_EQ(second.steps.size(), 12U);
  EXPECT_EQ(difference(run(), whole().folder / "run"), "");
}

TEST_F(Resume, ManyStopsAreNoneToo) {
  train_until(2, whole().config(run()));
  TrainResult result;
  do {
    std::atomic<bool> stop{false};
    Watcher watcher;
    watcher.on_step = [&](const StepMetrics&) { stop = watcher.steps.size() == 5; };
    result = resume_tiny(run(), watcher, &stop);
  } while (result.interrupted);
  EXPECT_EQ(difference(run(), whole().folder / "run"), "");
}

TEST_F(Resume, WhatWasBestWhenALimitCameStaysKnown) {
  TrainConfig config = whole().config(run());
  config.max_steps = 3;  // inside the first epoch
  Watcher watcher;
  const TrainResult result = train_tiny(config, watcher);
  ASSERT_EQ(result.epochs.size(), 1U);
  const Progress kept = load_checkpoint(run() / "checkpoint.safetensors").progress;
  EXPECT_EQ(kept.best_top1, result.epochs[0].val_top1);
  EXPECT_EQ(kept.step_of_epoch, 3);
  EXPECT_EQ(kept.epoch, 0);
}

TEST_F(Resume, WithAWiderLimitARunGoesOnInsideItsEpoch) {
  TrainConfig config = whole().config(run());
  config.max_steps = 8;
  Watcher watcher;
  const TrainResult limited = train_tiny(config, watcher);
  TrainConfig wider;
  apply_config_file(wider, run() / "config.json");
  wider.max_steps = 0;
  write_file(run() / "config.json", to_json(wider));
  const TrainResult result = resume_tiny(run(), watcher);
  EXPECT_EQ(watcher.steps.size(), 18U);
  EXPECT_EQ(result.epochs.size(), 3U);
  // All but the best model, for one more was looked at.
  EXPECT_THAT(difference(run(), whole().folder / "run"),
              AllOf(Not(HasSubstr("last")), Not(HasSubstr("weights")), Not(HasSubstr("metrics"))));
  double best = *limited.epochs.back().val_top1;
  for (const EpochMetrics& epoch : result.epochs) best = std::max(best, *epoch.val_top1);
  EXPECT_EQ(load_checkpoint(run() / "checkpoint.safetensors").progress.best_top1, best);
  EXPECT_EQ(result.validation.top1, best);
}

TEST_F(Resume, AFinishedRunIsFinished) {
  std::filesystem::copy(whole().folder / "run", run());
  Watcher watcher;
  const TrainResult result = resume_tiny(run(), watcher);
  EXPECT_EQ(watcher.steps.size(), 0U);
  EXPECT_EQ(result.epochs.size(), 3U);
  EXPECT_EQ(result.validation.images, 30);  // of the best model, evaluated again
  double best = 0;
  for (const EpochMetrics& epoch : result.epochs) best = std::max(best, *epoch.val_top1);
  EXPECT_EQ(result.validation.top1, best);
  EXPECT_EQ(difference(run(), whole().folder / "run"), "");
}

TEST_F(Resume, WithoutACheckpointARunStartsFromItsSettings) {
  train_until(1, whole().config(run()));
  std::filesystem::remove(run() / "checkpoint.safetensors");
  Watcher watcher;
  resume_tiny(run(), watcher);
  EXPECT_EQ(watcher.steps.size(), 18U);
  EXPECT_EQ(difference(run(), whole().folder / "run"), "");
}

TEST_F(Resume, AFinishedRunThatLostItsCheckpointIsLeftAlone) {
  std::filesystem::copy(whole().folder / "run", run());
  std::filesystem::remove(run() / "checkpoint.safetensors");
  Watcher watcher;
  EXPECT_THAT(error_text<DataError>([&] { resume_tiny(run(), watcher); }),
              AllOf(HasSubstr("3 finished epochs"), HasSubstr("--init")));
  EXPECT_EQ(watcher.steps.size(), 0U);
  EXPECT_EQ(read_file(run() / "last.safetensors"), read_file(whole().folder / "run/last.safetensors"));
}

TEST_F(Resume, RowsBeyondTheCheckpointAreMadeAgain) {
  train_until(8, whole().config(run()));
  std::filesystem::copy_file(whole().folder / "run/metrics.jsonl", run() / "metrics.jsonl",
                             std::filesystem::copy_options::overwrite_existing);
  Watcher watcher;
  EXPECT_EQ(resume_tiny(run(), watcher).epochs.size(), 3U);
  EXPECT_EQ(difference(run(), whole().folder / "run"), "");
}

TEST_F(Resume, OtherDataIsRefused) {
  write_tiny_data(folder_ / "data", 96, 30);
  TrainConfig config = whole().config(run());
  config.data = (folder_ / "data").string();
  train_until(2, config);
  write_tiny_data(folder_ / "data", 97, 30);
  Watcher watcher;
  EXPECT_THAT(error_text<DataError>([&] { resume_tiny(run(), watcher); }),
              HasSubstr("126 images then, 127 now"));
}

TEST_F(Resume, AFolderWithoutARunIsRefused) {
  Watcher watcher;
  EXPECT_THAT(error_text<DataError>([&] { resume_tiny(folder_ / "nowhere", watcher); }),
              HasSubstr("does not contain a run"));
  EXPECT_THAT(error_text<DataError>([&] { resume_tiny(folder_.path(), watcher); }),
              HasSubstr("does not contain a run"));
}

TEST_F(Resume, ADamagedCheckpointIsRefused) {
  train_until(2, whole().config(run()));
  const std::filesystem::path file = run() / "checkpoint.safetensors";
  const std::string good = read_file(file);
  const auto error_with = [&](const std::string& content) {
    write_file(file, content);
    return error_text<DataError>([&] {
      Watcher watcher;
      resume_tiny(run(), watcher);
    });
  };
  for (const std::size_t bit : {good.size() * 8 - 1, good.size() * 4, good.size() * 8 - 8 * 100 + 3}) {
    std::string bad = good;
    bad[bit / 8] = static_cast<char>(bad[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_THAT(error_with(bad), AllOf(HasSubstr("checkpoint.safetensors"),
                                       AnyOf(HasSubstr("damaged"), HasSubstr("header: "))))
        << bit;
  }
  EXPECT_THAT(error_with(good.substr(0, good.size() - 40)), HasSubstr("checkpoint.safetensors"));
  EXPECT_THAT(error_with(read_file(whole().folder / "run/last.safetensors")),
              HasSubstr("is not a checkpoint"));
  EXPECT_EQ(error_with(good), "no error");
}

TEST_F(Resume, AFullDiskLeavesTheOlderCheckpointWhole) {
  ::signal(SIGXFSZ, SIG_IGN);  // writing then fails, as on a full disk
  rlimit before{};
  ::getrlimit(RLIMIT_FSIZE, &before);
  TrainConfig config = whole().config(run());
  Watcher watcher;
  watcher.on_step = [&](const StepMetrics& step) {
    if (step.step != 3) return;
    const rlimit small{1000, before.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &small);
  };
  const std::string error = error_text<DataError>([&] { train_tiny(config, watcher); });
  ::setrlimit(RLIMIT_FSIZE, &before);
  EXPECT_THAT(error, HasSubstr("checkpoint.safetensors"));
  EXPECT_EQ(load_checkpoint(run() / "checkpoint.safetensors").progress.step, 2);
  Watcher second;
  resume_tiny(run(), second);
  EXPECT_EQ(difference(run(), whole().folder / "run"), "");
}

TEST_F(Resume, WhatKilledProcessesLeftBehindIsRemoved) {
  TrainConfig config = whole().config(run());
  config.max_steps = 3;
  Watcher watcher;
  train_tiny(config, watcher);
  const std::filesystem::path link = run() / "best.safetensors.link",
                              temporary = run() / "checkpoint.safetensors.tmp123",
                              other = run() / "notes.tmp";
  for (const std::filesystem::path& file : {link, temporary, other}) write_file(file, "x");
  Watcher second;
  resume_tiny(run(), second);
  EXPECT_FALSE(std::filesystem::exists(link));
  EXPECT_FALSE(std::filesystem::exists(temporary));
  EXPECT_TRUE(std::filesystem::exists(other));
}

pid_t start_in_child(const std::function<void()>& work) {
  const pid_t child = ::fork();
  if (child != 0) return child;
  int code = 0;
  try {
    work();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    code = 1;
  }
  ::_exit(code);
}

// A checkpoint is written after every step, so that kills meet all moments of writing too.
TEST_F(Resume, KillsAtRandomMomentsChangeNothing) {
  RandomStream random(7, Purpose::kSample, 0, static_cast<std::uint64_t>(::getpid()));
  const TrainConfig config = whole().config(run());
  int kills = 0, status = -1;
  for (int attempt = 0; attempt < 200 && status != 0; ++attempt) {
    const pid_t child = start_in_child([&] {
      Watcher watcher;
      std::filesystem::exists(run() / "config.json") ? resume_tiny(run(), watcher)
                                                     : train_tiny(config, watcher);
    });
    if (kills < 10) {
      std::this_thread::sleep_for(std::chrono::microseconds(10'000 + random.below(60'000)));
      ::kill(child, SIGKILL);
    }
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_FALSE(WIFEXITED(status) && WEXITSTATUS(status) != 0);
    kills += WIFSIGNALED(status) ? 1 : 0;
  }
  EXPECT_EQ(status, 0);
  std::printf("killed %d times\n", kills);
  Watcher watcher;
  resume_tiny(run(), watcher);  // clears what the last kill left
  EXPECT_EQ(difference(run(), whole().folder / "run"), "");
  for (const auto& entry : std::filesystem::directory_iterator(run()))
    EXPECT_EQ(entry.path().string().find(".tmp"), std::string::npos) << entry.path();
}

}  // namespace
}  // namespace alexnet
