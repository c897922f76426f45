// Whole studies with runs of a fraction of a second: the four layers of CIFAR-10, narrow, on 12x12 images.
#include <gmock/gmock.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "alexnet/error.h"
#include "alexnet/studies.h"
#include "base/file.h"
#include "studies/results.h"
#include "tests/error_text.h"
#include "tests/temporary_folder.h"
#include "tests/train/tiny_run.h"

namespace alexnet {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using State = StudyRun::State;
using nlohmann::json;
namespace fs = std::filesystem;

class Watched : public StudyObserver {
 public:
  std::function<void(const StudyProgress&)> on_progress;
  std::vector<std::string> done, earlier;
  std::size_t steps = 0;

  void progressed(const StudyProgress& now) override {
    ++steps;
    EXPECT_LE(now.step, now.steps);
    EXPECT_LE(now.epoch, now.epochs);
    if (on_progress) on_progress(now);
  }
  void run_done(const StudyRun& run, const StudyProgress& now, bool before) override {
    (before ? earlier : done).push_back(now.variant + " " + std::to_string(run.seed));
  }
};

class Studies : public testing::Test {
 protected:
  Studies() { write_tiny_data(folder_ / "data", 96, 30); }

  Study study(const std::vector<std::uint64_t>& seeds = {0, 1}) const {
    TrainConfig config = tiny_config(folder_ / "data", "");
    config.preset = "cifar-relu-tanh";
    config.width_factor = 0.25;
    config.engine = "cpu";
    config.epochs = 2;
    config.stddev = {1.0F / 255};
    config.lr = 0.001;
    config.tensorboard = false;
    Study study{.title = "Tiny", .about = "A study.", .seeds = seeds, .variants = {}};
    study.variants.push_back({"base", "", config});
    config.activation = "tanh";
    study.variants.push_back({"tanh", "what units compute", config});
    return study;
  }
  fs::path out() const { return folder_ / "out"; }
  std::vector<EpochMetrics> epochs_of(const std::vector<double>& train_errors) const {
    std::vector<EpochMetrics> epochs;
    for (const double error : train_errors) {
      epochs.emplace_back();
      epochs.back().train_top1 = 1 - error;
      epochs.back().val_top1 = 0.5;
    }
    return epochs;
  }

  TemporaryFolder folder_;
};

TEST_F(Studies, LeaveTablesChartsAndRuns) {
  Watched watcher;
  const StudyResult result = run_study(study(), out(), watcher);
  EXPECT_FALSE(result.interrupted);
  EXPECT_THAT(watcher.done, testing::ElementsAre("base 0", "tanh 0", "base 1", "tanh 1"));
  EXPECT_EQ(watcher.steps > 0, true);
  ASSERT_EQ(result.variants.size(), 2U);
  for (const VariantResult& variant : result.variants) {
    EXPECT_EQ(variant.value.count, 2);
    EXPECT_GT(variant.minutes, 0);
    for (const StudyRun& run : variant.runs) {
      EXPECT_EQ(run.state, State::kDone);
      EXPECT_EQ(run.epochs.size(), 2U);
      EXPECT_TRUE(fs::exists(run.folder / "last.safetensors"));
      EXPECT_FALSE(fs::exists(run.folder / "checkpoint.safetensors"));
    }
    const double first = *variant.runs[0].epochs.back().val_top1,
                 second = *variant.runs[1].epochs.back().val_top1;
    EXPECT_NEAR(variant.value.mean, (first + second) / 2, 1e-12);
  }
  EXPECT_NEAR(result.variants[1].difference.mean,
              result.variants[1].value.mean - result.variants[0].value.mean, 1e-12);

  const std::string markdown = read_file(out() / "results.md");
  EXPECT_THAT(markdown, AllOf(HasSubstr("## Tiny"), HasSubstr("A study."), HasSubstr("| tanh | 2 | "),
                              HasSubstr("- tanh: what units compute"), HasSubstr("validation top-1")));
  const json results = json::parse(read_file(out() / "results.json"));
  EXPECT_EQ(results.at("measure"), "top1");
  EXPECT_EQ(results.at("variants").at(1).at("runs").at(0).at("state"), "done");
  EXPECT_NEAR(results.at("variants").at(0).at("value").at("mean").get<double>(),
              result.variants[0].value.mean, 1e-12);
  const std::string csv = read_file(out() / "results.csv");
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 3);
  for (const char* png : {"differences.png", "curves.png"})
    EXPECT_EQ(read_file(out() / png).substr(0, 4), "\x89PNG") << png;
}

TEST_F(Studies, DoNotMakeRunsAgain) {
  Watched first, second, third;
  run_study(study(), out(), first);
  const StudyResult result = run_study(study(), out(), second);
  EXPECT_THAT(second.done, IsEmpty());
  EXPECT_EQ(second.earlier.size(), 4U);
  EXPECT_EQ(second.steps, 0U);
  EXPECT_EQ(result.variants[0].value.count, 2);
  run_study(study({0, 1, 2}), out(), third);  // a seed more
  EXPECT_THAT(third.done, testing::ElementsAre("base 2", "tanh 2"));
}

// Stopped in the middle of the third run, a study ends as one that was not.
TEST_F(Studies, GoOnWhereTheyWereStopped) {
  Watched whole, watcher, rest;
  run_study(study(), folder_ / "whole", whole);
  std::atomic<bool> stop{false};
  watcher.on_progress = [&](const StudyProgress& now) { stop = now.run == 3 && now.epoch == 2; };
  const StudyResult stopped = run_study(study(), out(), watcher, &stop);
  EXPECT_TRUE(stopped.interrupted);
  EXPECT_EQ(watcher.done.size(), 2U);
  EXPECT_EQ(stopped.variants[0].value.count, 1);
  EXPECT_THAT(read_file(out() / "results.md"), HasSubstr("| base | 1 of 2 |"));

  run_study(study(), out(), rest);
  EXPECT_EQ(rest.earlier.size(), 2U);
  EXPECT_EQ(rest.done.size(), 2U);
  for (const char* run : {"base/seed-0", "tanh/seed-0", "base/seed-1", "tanh/seed-1"})
    EXPECT_EQ(read_file(out() / "runs" / run / "last.safetensors"),
              read_file(folder_ / "whole/runs" / run / "last.safetensors"))
        << run;
}

TEST_F(Studies, OutliveARunThatDiverges) {
  Study wild = study();
  wild.variants[1].config.lr = 1e9;
  Watched watcher, again;
  const StudyResult result = run_study(wild, out(), watcher);
  EXPECT_EQ(watcher.done.size(), 4U);
  EXPECT_EQ(result.variants[0].value.count, 2);
  EXPECT_EQ(result.variants[1].value.count, 0);
  for (const StudyRun& run : result.variants[1].runs) {
    EXPECT_EQ(run.state, State::kDiverged);
    EXPECT_THAT(run.problem, HasSubstr("diverged"));
  }
  EXPECT_THAT(read_file(out() / "results.md"),
              AllOf(HasSubstr("0 of 2, 2 diverged"), HasSubstr("tanh, seed 0: training diverged")));
  run_study(wild, out(), again);
  EXPECT_THAT(again.done, IsEmpty());
}

TEST_F(Studies, RefuseRunsWithOtherSettings) {
  Watched watcher;
  run_study(study({0}), out(), watcher);
  Study other = study({0});
  other.variants[1].config.lr = 0.002;
  EXPECT_THAT(error_text<UsageError>([&] { run_study(other, out(), watcher); }),
              AllOf(HasSubstr("tanh"), HasSubstr("lr is 0.002"), HasSubstr("0.001"), HasSubstr("--out")));
  other = study({0});
  other.variants[0].config.threads = 2;  // no matter
  run_study(other, out(), watcher);
}

TEST_F(Studies, RefuseWhatIsNoRecordOfARun) {
  Watched watcher;
  fs::create_directories(out() / "runs/base/seed-0");
  for (const char* settings : {"[]", "\"lr\"", "null"}) {
    write_file(out() / "runs/base/seed-0/ablation.json",
               std::string(R"({"state":"done","problem":"","settings":)") + settings + "}");
    EXPECT_THAT(error_text<DataError>([&] { run_study(study({0}), out(), watcher); }),
                HasSubstr("ablation.json: is not a record of a study's run"))
        << settings;
  }
  write_file(out() / "runs/base/seed-0/ablation.json",
             R"({"state":"done","problem":"","settings":{"data":5}})");
  EXPECT_THAT(error_text<UsageError>([&] { run_study(study({0}), out(), watcher); }),
              HasSubstr("that run was trained with 5"));
}

TEST_F(Studies, RefuseBeforeTheFirstRun) {
  Watched watcher;
  Study bad = study();
  bad.variants[1].config.dropout = {0.5F, 0.5F};
  EXPECT_THAT(error_text<UsageError>([&] { run_study(bad, out(), watcher); }),
              AllOf(HasSubstr("variant 'tanh'"), HasSubstr("--dropout")));
  bad = study();
  bad.variants[1].config.freeze = "conv9";
  EXPECT_THAT(error_text<UsageError>([&] { run_study(bad, out(), watcher); }),
              AllOf(HasSubstr("variant 'tanh'"), HasSubstr("conv9")));
  bad = study();
  bad.variants[1].config.init = "none.safetensors";
  EXPECT_THAT(error_text<DataError>([&] { run_study(bad, out(), watcher); }),
              AllOf(HasSubstr("variant 'tanh'"), HasSubstr("none.safetensors")));
  EXPECT_THAT(error_text<UsageError>([&] {
                run_study(study({0, 1, 0}), out(), watcher);
              }),
              HasSubstr("0 is named more than once"));
  bad = study();
  bad.variants[1].name = "BASE";  // runs of both would be in one folder
  EXPECT_THAT(error_text<UsageError>([&] { run_study(bad, out(), watcher); }),
              AllOf(HasSubstr("variant 'BASE'"), HasSubstr("would have the same name")));
  bad = study();
  write_tiny_data(folder_ / "only", 96, 0);
  for (StudyVariant& variant : bad.variants) variant.config.data = (folder_ / "only").string();
  EXPECT_THAT(error_text<UsageError>([&] { run_study(bad, out(), watcher); }), HasSubstr("validation"));
  EXPECT_EQ(watcher.steps, 0U);
  EXPECT_FALSE(fs::exists(out() / "runs"));
}

TEST_F(Studies, CountEpochsToATrainingError) {
  Study study = this->study({0});
  study.measure = StudyMeasure::kEpochs;
  study.train_error = 0.25;
  StudyRun run;
  run.state = State::kDone;
  run.epochs = epochs_of({0.6, 0.45, 0.25, 0.2});
  EXPECT_DOUBLE_EQ(value_of(study, run).value, 3);
  run.epochs = epochs_of({0.6, 0.4, 0.2});  // a straight line from 2 to 3
  EXPECT_DOUBLE_EQ(value_of(study, run).value, 2.75);
  run.epochs = epochs_of({0.2});
  EXPECT_DOUBLE_EQ(value_of(study, run).value, 1);
  EXPECT_FALSE(value_of(study, run).at_least);
  run.epochs = epochs_of({0.6, 0.5});
  EXPECT_DOUBLE_EQ(value_of(study, run).value, 2);
  EXPECT_TRUE(value_of(study, run).at_least);
  run.state = State::kDiverged;
  EXPECT_TRUE(std::isnan(value_of(study, run).value));
}

// Once one run is cut short, all that can be said is how much it is at least.
TEST_F(Studies, SayHowMuchItIsAtLeast) {
  Study study = this->study({0, 1});
  study.measure = StudyMeasure::kEpochs;
  const auto made = [&](std::size_t variant, std::uint64_t seed, const std::vector<double>& errors) {
    StudyRun run;
    run.variant = variant;
    run.seed = seed;
    run.state = State::kDone;
    run.epochs = epochs_of(errors);
    return run;
  };
  StudyResult result;
  result.variants = compare(study, {made(0, 0, {0.5, 0.25}), made(0, 1, {0.25}),
                                    made(1, 0, {0.6, 0.5, 0.4, 0.3}), made(1, 1, {0.6, 0.5, 0.4, 0.25})});
  EXPECT_FALSE(result.variants[0].value.at_least);
  EXPECT_TRUE(result.variants[1].value.at_least);
  EXPECT_DOUBLE_EQ(result.variants[1].value.mean, 4);
  EXPECT_TRUE(std::isnan(result.variants[1].value.low));
  EXPECT_TRUE(result.variants[1].difference.at_least);
  EXPECT_DOUBLE_EQ(result.variants[1].difference.mean, 2.5);
  EXPECT_DOUBLE_EQ(result.variants[1].ratio.mean, std::sqrt(2.0 * 4));
  EXPECT_THAT(study_table(study, result),
              AllOf(HasSubstr("epochs to 25 % training error"), HasSubstr("> 4.0"), HasSubstr("> +2.5"),
                    HasSubstr("> 2.83")));
  // Beside a base that was cut short nothing is known.
  result.variants = compare(
      study, {made(0, 0, {0.5, 0.4}), made(0, 1, {0.25}), made(1, 0, {0.6, 0.25}), made(1, 1, {0.25})});
  EXPECT_TRUE(std::isnan(result.variants[1].difference.mean));
}

}  // namespace
}  // namespace alexnet
