// What may be another when a run is resumed, what may not, and what is said about it.
#include <gmock/gmock.h>

#include <fstream>

#include "alexnet/error.h"
#include "alexnet/settings.h"
#include "base/file.h"
#include "tests/error_text.h"
#include "tests/temporary_folder.h"
#include "tests/train/tiny_run.h"
#include "train/run/held_out.h"
#include "train/run/run_files.h"

namespace alexnet {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::AnyOf;
using testing::Contains;
using testing::Each;
using testing::HasSubstr;
using testing::Not;

class ResumeChanges : public testing::Test {
 protected:
  void SetUp() override { write_tiny_data(folder_ / "data", 96, 30); }
  fs::path run() const { return folder_ / "run"; }
  TrainConfig config() const {
    TrainConfig config = tiny_config(folder_ / "data", run());
    config.epochs = 3;
    return config;
  }
  /// The run as it is after so many steps of 18.
  void train_until(std::int64_t steps) const {
    std::atomic<bool> stop{false};
    Watcher watcher;
    watcher.on_step = [&](const StepMetrics& step) { stop = step.step == steps; };
    train_tiny(config(), watcher, &stop);
  }
  TrainResult resume(const std::vector<SettingChange>& changes = {}) {
    watcher_ = {};
    return resume_network(run(), tiny_network, watcher_, nullptr, changes);
  }
  template <class E>
  std::string refusal(const std::vector<SettingChange>& changes = {}) {
    return error_text<E>([&] { resume(changes); });
  }
  TrainConfig kept() const {
    TrainConfig config;
    apply_config_file(config, run() / "config.json");
    return config;
  }
  void edit(const std::function<void(TrainConfig&)>& change) const {
    TrainConfig config = kept();
    change(config);
    write_file(run() / "config.json", to_json(config));
  }

  TemporaryFolder folder_;
  Watcher watcher_;
};

TEST_F(ResumeChanges, EditedSettingsAreRefusedByName) {
  train_until(8);
  const std::string good = read_file(run() / "config.json");
  const auto refused = [&](const std::function<void(TrainConfig&)>& change) {
    edit(change);
    std::string text = refusal<DataError>();
    write_file(run() / "config.json", good);
    return text;
  };
  EXPECT_THAT(
      refused([](TrainConfig& c) { c.activation = "tanh"; }),
      AllOf(HasSubstr("config.json"), HasSubstr("activation is tanh"), HasSubstr("started with preset")));
  EXPECT_THAT(refused([](TrainConfig& c) { c.seed = 5; }), HasSubstr("seed is 5"));
  EXPECT_THAT(refused([](TrainConfig& c) { c.batch = 8; }), HasSubstr("batch is 8"));
  EXPECT_THAT(refused([](TrainConfig& c) { c.dropout = {0.5F}; }), HasSubstr("dropout is 0.5"));
  EXPECT_THAT(refused([](TrainConfig& c) { c.mean = {0.5F}; }), HasSubstr("mean is 0.5"));
  EXPECT_THAT(refused([](TrainConfig& c) { c.resize = 14; }), HasSubstr("resize is 14"));
  resume();
  EXPECT_EQ(watcher_.steps.size(), 10U);
}

TEST_F(ResumeChanges, OnlyWhatTheTableListsCanChange) {
  train_until(8);
  for (const Setting& setting : train_settings()) {
    if (setting.resumable) continue;
    const std::string name(setting.name);
    const bool number = setting.value == "N" || setting.value == "X";
    if (!number || name == "size" || name == "crop") continue;
    EXPECT_THAT(refusal<UsageError>({{name, name == "width-factor" ? "2" : "0.75"}}),
                AnyOf(AllOf(HasSubstr("--" + name), HasSubstr("cannot change")), HasSubstr("is not valid")))
        << name;
  }
  EXPECT_THAT(refusal<UsageError>({{"batch", "8"}}), AllOf(HasSubstr("this run has 16, not 8")));
  EXPECT_THAT(refusal<UsageError>({{"out", "elsewhere"}}), HasSubstr("cannot change"));
  EXPECT_THAT(refusal<UsageError>({{"nothing", "8"}}), HasSubstr("is not a setting"));
  resume({{"batch", "16"}, {"threads", "1"}, {"checkpoint-minutes", "7"}, {"max-steps", "10"}});
  EXPECT_EQ(watcher_.steps.size(), 2U);
  EXPECT_EQ(kept().checkpoint_minutes, 7);
  EXPECT_EQ(kept().max_steps, 10);
}

TEST_F(ResumeChanges, AFinishedRunSaysHowToTrainItFurther) {
  train_until(100);
  resume();
  EXPECT_THAT(watcher_.notes, Contains(AllOf(HasSubstr("all 3 epochs"), HasSubstr("--epochs"))));
  resume({{"epochs", "5"}});
  EXPECT_EQ(watcher_.steps.size(), 12U);
  EXPECT_EQ(watcher_.epochs.size(), 2U);
  EXPECT_EQ(kept().epochs, 5);
  // The cosine had come to its end.
  EXPECT_THAT(watcher_.notes,
              Contains(AllOf(HasSubstr("learning rate continues at"), HasSubstr("instead of 0"))));
  EXPECT_THAT(watcher_.notes, Not(Contains(HasSubstr("is finished"))));
}

TEST_F(ResumeChanges, ARateThatStaysIsNotMentioned) {
  train_until(8);
  resume({{"threads", "1"}});
  EXPECT_THAT(watcher_.notes, Each(Not(HasSubstr("learning rate"))));
}

TEST_F(ResumeChanges, ImagesMayHaveMoved) {
  train_until(8);
  fs::rename(folder_ / "data", folder_ / "moved");
  EXPECT_THAT(refusal<DataError>(), AllOf(HasSubstr("does not exist"), HasSubstr("--data")));
  write_tiny_data(folder_ / "other", 90, 30);
  EXPECT_THAT(refusal<DataError>({{"data", (folder_ / "other").string()}}), HasSubstr("120 now"));
  resume({{"data", (folder_ / "moved").string()}});
  EXPECT_EQ(watcher_.steps.size(), 10U);
  EXPECT_EQ(kept().data, (folder_ / "moved").string());
  const auto record = read_held_out(RunFiles(run()).held_out());
  ASSERT_TRUE(record.has_value());
  EXPECT_EQ(record->size(), 30U);
}

TEST_F(ResumeChanges, ALostRecordOfHeldOutImagesIsWrittenAgain) {
  train_until(8);
  const std::string before = read_file(RunFiles(run()).held_out());
  fs::remove(RunFiles(run()).held_out());
  resume({});
  EXPECT_EQ(read_file(RunFiles(run()).held_out()), before);
  EXPECT_THAT(watcher_.notes, Contains(HasSubstr("held-out.jsonl was missing: it is written again")));
}

TEST_F(ResumeChanges, SettingsOfOlderVersionsKeepTheirMeaning) {
  train_until(8);
  std::string settings = read_file(RunFiles(run()).config());
  const std::size_t at = settings.find("\"min-area\"");
  ASSERT_NE(at, std::string::npos);
  settings.replace(at, 10, "\"least-area\"");
  write_file(RunFiles(run()).config(), settings);
  resume({});
  EXPECT_THAT(read_file(RunFiles(run()).config()), HasSubstr("\"min-area\""));
}

TEST_F(ResumeChanges, OtherImagesUnderTheSameNamesAreRefused) {
  train_until(8);
  const fs::path file = folder_ / "data/train-images-idx3-ubyte";
  std::string images = read_file(file);
  std::fill(images.begin() + 16, images.end(), '\x40');
  write_file(file, images);
  EXPECT_THAT(refusal<DataError>(), HasSubstr("another content"));
}

TEST_F(ResumeChanges, LostFilesAreMentioned) {
  train_until(12);
  fs::remove(run() / "best.safetensors");
  write_file(run() / "metrics.jsonl", "");
  resume();
  EXPECT_THAT(watcher_.notes, Contains(AllOf(HasSubstr("best.safetensors is missing"))));
  EXPECT_THAT(watcher_.notes, Contains(HasSubstr("has 0 of the")));
  EXPECT_TRUE(fs::exists(run() / "best.safetensors"));
}

}  // namespace
}  // namespace alexnet
