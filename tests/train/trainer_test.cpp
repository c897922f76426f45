// Whole runs, with the reference engine.
#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>
#include <sstream>

#include "alexnet/error.h"
#include "alexnet/settings.h"
#include "base/file.h"
#include "engine/registry/registry.h"
#include "tests/error_text.h"
#include "tests/temporary_folder.h"
#include "tests/train/tiny_run.h"
#include "train/step/checkpoint.h"

namespace alexnet {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

class Training : public testing::Test {
 protected:
  void SetUp() override { write_tiny_data(folder_ / "data", 96, 30); }
  TrainConfig config() const { return tiny_config(folder_ / "data", folder_ / "run"); }
  TrainResult run(const TrainConfig& config) { return train_tiny(config, watcher_); }
  std::filesystem::path run_file(const char* name) const { return folder_ / "run" / name; }

  TemporaryFolder folder_;
  Watcher watcher_;
};

template <class Wanted>
std::string error_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Wanted& error) {
    return error.what();
  } catch (const std::exception& error) {
    return std::string("another error: ") + error.what();
  }
  return "no error";
}

bool same(const TensorView& a, const TensorView& b) {
  return a.shape == b.shape && std::memcmp(a.values.data(), b.values.data(), a.values.size_bytes()) == 0;
}

TEST_F(Training, LearnsAndLeavesARunFolder) {
  TrainConfig settings = config();
  settings.epochs = 8;
  const TrainResult result = run(settings);
  EXPECT_FALSE(result.interrupted);
  EXPECT_EQ(result.stopped, "");
  ASSERT_EQ(result.epochs.size(), 8U);
  EXPECT_EQ(watcher_.steps.size(), 48U);
  EXPECT_GT(*result.epochs.back().val_top1, 0.85);
  EXPECT_LT(result.epochs.back().train_loss, result.epochs.front().train_loss);
  EXPECT_EQ(result.validation.images, 30);
  for (const char* file :
       {"config.json", "metrics.jsonl", "best.safetensors", "last.safetensors", "checkpoint.safetensors",
        "quarantine.jsonl", "confusion.csv", "confusion.png", "curves.png"})
    EXPECT_TRUE(std::filesystem::exists(run_file(file))) << file;
  const Model model = load_model(run_file("last.safetensors"));
  EXPECT_EQ(model.classes.size(), 3U);
  EXPECT_EQ(model.preprocessing.resize, 12);
  EXPECT_EQ(model.preprocessing.crop_width, 10);
  EXPECT_EQ(model.preprocessing.mean.size(), 1U);
  EXPECT_EQ(model.provenance.at("epoch"), "8");
}

TEST_F(Training, WritesMetricsWithExactlyTheirKeys) {
  TrainConfig settings = config();
  settings.epochs = 2;
  run(settings);
  std::istringstream lines(read_file(run_file("metrics.jsonl")));
  int epoch = 0;
  for (std::string line; std::getline(lines, line);) {
    const auto row = nlohmann::ordered_json::parse(line);
    std::vector<std::string> keys;
    for (const auto& [key, value] : row.items()) keys.push_back(key);
    EXPECT_THAT(keys, ElementsAre("epoch", "step", "lr", "train_loss", "train_top1", "val_loss", "val_top1",
                                  "val_top5", "images_per_s", "data_wait", "seconds"));
    EXPECT_EQ(row["epoch"], ++epoch);
    EXPECT_EQ(row["step"], 6 * epoch);
    EXPECT_GT(row["images_per_s"], 0);
    EXPECT_GE(row["data_wait"], 0);
    EXPECT_LE(row["data_wait"], 1);
  }
  EXPECT_EQ(epoch, 2);
}

TEST_F(Training, KeepsTheFullyResolvedSettings) {
  TrainConfig settings = config();
  settings.epochs = 1;
  settings.dropout = {0.1F};
  run(settings);
  TrainConfig kept;
  apply_config_file(kept, run_file("config.json"));
  EXPECT_EQ(kept.channels, 1);
  EXPECT_EQ(kept.crop, 10);
  EXPECT_EQ(kept.mean.size(), 1U);
  EXPECT_EQ(kept.stddev.size(), 1U);
  EXPECT_THAT(kept.dropout, ElementsAre(0.1F));
  EXPECT_EQ(kept.threads, 1);
  EXPECT_TRUE(std::filesystem::path(kept.data).is_absolute());
  EXPECT_TRUE(std::filesystem::path(kept.out).is_absolute());
}

// Rounding is a wish: a processor without matrix tiles computes in float32, says so, and that is what is
// kept.
TEST_F(Training, RoundsWhereItCan) {
  TrainConfig settings = config();
  settings.engine = "cpu";
  settings.precision = "bf16";
  settings.epochs = 8;
  const TrainResult result = run(settings);
  EXPECT_GT(*result.epochs.back().val_top1, 0.85);
  TrainConfig kept;
  apply_config_file(kept, run_file("config.json"));
  const bool rounds = find_engine("cpu").offer().bf16_in_any_batch;
  EXPECT_EQ(kept.precision, rounds ? "bf16" : "f32");
  EXPECT_EQ(watcher_.notes.empty(), rounds);
}

TEST_F(Training, RoundsNothingInTheReferenceEngine) {
  TrainConfig settings = config();
  settings.precision = "bf16";
  settings.epochs = 1;
  run(settings);
  EXPECT_THAT(watcher_.notes,
              Contains("computed in f32 instead of bf16: the reference engine computes in float32 alone"));
}

TEST_F(Training, WithoutValidationDataHasNoValidationMetrics) {
  TemporaryFolder bare;
  write_tiny_data(bare / "data", 96, 0);
  TrainConfig settings = tiny_config(bare / "data", bare / "run");
  settings.epochs = 2;
  const TrainResult result = run(settings);
  EXPECT_EQ(result.epochs.size(), 2U);
  EXPECT_EQ(result.validation.images, 0);
  EXPECT_THAT(read_file(bare / "run/metrics.jsonl"),
              HasSubstr("\"val_loss\":null,\"val_top1\":null,\"val_top5\":null"));
  EXPECT_EQ(read_file(bare / "run/best.safetensors"), read_file(bare / "run/last.safetensors"));
}

TEST_F(Training, RefusesSettingsThatWouldDoNothing) {
  TemporaryFolder bare;
  write_tiny_data(bare / "data", 96, 0);
  TrainConfig settings = tiny_config(bare / "data", bare / "run");
  settings.early_stop = 1;
  EXPECT_THAT(error_of<UsageError>([&] { run(settings); }),
              AllOf(HasSubstr("--early-stop"), HasSubstr("--val-split")));
  settings.early_stop = 0;
  settings.batch = 1;
  EXPECT_THAT(error_of<UsageError>([&] { run(settings); }), AllOf(HasSubstr("--batch"), HasSubstr("bn1")));
  settings.epochs = 1;
  settings.max_steps = 1;
  settings.bn_statistics = "moving";
  settings.freeze = "bn1";  // it computes as in inference
  run(settings);
}

TEST_F(Training, TakesTheLowerLossOfEpochsThatAreEquallyGood) {
  TrainConfig settings = config();
  settings.epochs = 12;
  const TrainResult result = run(settings);
  const EpochMetrics* best = nullptr;
  int ties = 0;
  for (const EpochMetrics& epoch : result.epochs) {
    if (best != nullptr && *epoch.val_top1 == *best->val_top1 && *epoch.val_loss < *best->val_loss) ++ties;
    if (best == nullptr || *epoch.val_top1 > *best->val_top1 ||
        (*epoch.val_top1 == *best->val_top1 && *epoch.val_loss < *best->val_loss))
      best = &epoch;
  }
  ASSERT_GT(ties, 0);
  EXPECT_EQ(load_model(run_file("best.safetensors")).provenance.at("step"), std::to_string(best->step));
  EXPECT_EQ(result.validation.loss, *best->val_loss);
}

TEST_F(Training, SaysHowLargeItsFolderIs) {
  TrainConfig settings = config();
  settings.epochs = 1;
  const TrainResult result = run(settings);
  EXPECT_EQ(result.checkpoint_bytes, std::filesystem::file_size(run_file("checkpoint.safetensors")));
  // best and last are one file with two names.
  EXPECT_GT(result.folder_bytes,
            result.checkpoint_bytes + std::filesystem::file_size(run_file("last.safetensors")));
  std::uintmax_t names = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder_ / "run"))
    if (entry.is_regular_file()) names += entry.file_size();
  EXPECT_EQ(result.folder_bytes, names - std::filesystem::file_size(run_file("last.safetensors")));
}

TEST_F(Training, RemovesItsCheckpointWhereItIsNotKept) {
  TrainConfig settings = config();
  settings.epochs = 2;
  settings.keep_checkpoint = false;
  std::atomic<bool> stop{false};
  watcher_.on_step = [&](const StepMetrics& step) { stop = step.step == 8; };
  train_tiny(settings, watcher_, &stop);
  EXPECT_TRUE(std::filesystem::exists(run_file("checkpoint.safetensors")));  // it is not finished
  watcher_.on_step = {};
  EXPECT_EQ(resume_tiny(folder_ / "run", watcher_).checkpoint_bytes, 0U);
  EXPECT_FALSE(std::filesystem::exists(run_file("checkpoint.safetensors")));
  EXPECT_TRUE(std::filesystem::exists(run_file("best.safetensors")));
}

// It would train anew and write over the models.
TEST_F(Training, RefusesToResumeAFinishedRunWithoutACheckpoint) {
  TrainConfig settings = config();
  settings.epochs = 1;
  settings.keep_checkpoint = false;
  train_tiny(settings, watcher_);
  EXPECT_THAT(error_text<DataError>([&] { resume_tiny(folder_ / "run", watcher_); }),
              testing::AllOf(testing::HasSubstr("is finished, and has no checkpoint"),
                             testing::HasSubstr("last.safetensors")));
}

TEST_F(Training, KeepsWhatTheUpdateKeepsOfLayersThatLearnOnly) {
  TrainConfig settings = config();
  settings.epochs = 1;
  settings.freeze = "conv1";
  settings.views = 0;  // the frozen layer stays in the network that is trained
  run(settings);
  const NamedTensors kept = load_checkpoint(run_file("checkpoint.safetensors")).tensors;
  EXPECT_TRUE(kept.contains("conv1.weight"));
  EXPECT_TRUE(kept.contains("velocity.fc2.weight"));
  EXPECT_FALSE(kept.contains("velocity.conv1.weight"));
}

TEST_F(Training, MakesTheBatchFitTheSet) {
  TrainConfig settings = config();
  settings.batch = 128;
  settings.epochs = 1;
  run(settings);
  EXPECT_EQ(watcher_.steps.size(), 1U);
  EXPECT_THAT(watcher_.notes, Contains(HasSubstr("the batch size is 96 instead of 128")));
}

TEST_F(Training, StopsAtItsLimits) {
  TrainConfig settings = config();
  settings.max_steps = 8;  // in the second epoch
  const TrainResult result = run(settings);
  EXPECT_EQ(result.stopped, "max steps");
  EXPECT_FALSE(result.interrupted);
  EXPECT_EQ(watcher_.steps.size(), 8U);
  ASSERT_EQ(result.epochs.size(), 2U);  // the short one is validated too
  EXPECT_EQ(result.epochs.back().step, 8);
  EXPECT_TRUE(result.epochs.back().val_top1.has_value());

  settings.max_steps = 0;
  settings.max_minutes = 1e-9;
  settings.out = (folder_ / "short").string();
  EXPECT_EQ(run(settings).stopped, "max minutes");
  EXPECT_TRUE(std::filesystem::exists(folder_ / "short/last.safetensors"));
}

TEST_F(Training, StopsEarly) {
  TrainConfig settings = config();
  settings.epochs = 50;
  settings.lr = 0;  // never better than in the first epoch
  settings.bn_statistics = "moving";
  settings.early_stop = 3;
  settings.momentum = 0;
  const TrainResult result = run(settings);
  EXPECT_EQ(result.stopped, "early stop");
  EXPECT_LT(result.epochs.size(), 50U);
  const auto best = std::max_element(result.epochs.begin(), result.epochs.end(),
                                     [](const auto& a, const auto& b) { return *a.val_top1 < *b.val_top1; });
  EXPECT_EQ(result.epochs.size(), static_cast<std::size_t>(best->epoch + 3));
  EXPECT_EQ(result.validation.top1, *best->val_top1);
}

TEST_F(Training, LeavesFrozenLayersAsTheyWere) {
  TrainConfig settings = config();
  settings.epochs = 1;
  settings.bn_statistics = "moving";
  settings.freeze = "conv1-pool1";
  run(settings);
  const NamedTensors start = initial_weights(tiny_network(10, 10, 1, 3, settings.l2), settings.seed);
  const Model model = load_model(run_file("last.safetensors"));
  for (const auto& [name, tensor] : model.weights)
    EXPECT_EQ(same(tensor, start.at(name)), !name.starts_with("fc2")) << name;
  settings.freeze = "conv9";
  settings.out = (folder_ / "other").string();
  EXPECT_THAT(error_of<UsageError>([&] { run(settings); }), HasSubstr("conv9"));
}

TEST_F(Training, StartsFromAModelWithOtherClasses) {
  TrainConfig settings = config();
  settings.epochs = 1;
  run(settings);
  const Model first = load_model(run_file("last.safetensors"));

  write_tiny_data(folder_ / "five", 50, 10, 5);
  TrainConfig tuned = tiny_config(folder_ / "five", folder_ / "tuned");
  tuned.size = TrainConfig{}.size;  // not given: the model's
  tuned.resize = 0;
  tuned.epochs = 1;
  tuned.freeze = "conv1,bn1";
  tuned.init = (folder_ / "run").string();  // its best model: there is but one
  run(tuned);
  EXPECT_THAT(watcher_.notes,
              Contains(AllOf(HasSubstr("loaded 6 of 8 tensors"),
                             HasSubstr("fc2.weight (3x64 in the model, 5x64 here)"), HasSubstr("fc2.bias"))));
  const Model second = load_model(folder_ / "tuned/last.safetensors");
  EXPECT_EQ(second.preprocessing, first.preprocessing);
  EXPECT_TRUE(same(second.weights.at("conv1.weight"), first.weights.at("conv1.weight")));
  EXPECT_EQ(second.classes.size(), 5U);
}

// What settings do not have stays with the run: in its models, and in its checkpoint for a resume.
TEST_F(Training, PreparesImagesAsTheModelThatItStartsFrom) {
  TrainConfig settings = config();
  settings.epochs = 1;
  run(settings);
  Model model = load_model(run_file("last.safetensors"));
  Preprocessing& steps = model.preprocessing;
  steps.resize = {12, 13};
  steps.interpolation = Interpolation::kBicubic;
  steps.antialias = false;
  steps.floor_crop = true;
  Tensor image({static_cast<std::int64_t>(steps.mean.size()), 12, 13});
  std::ranges::fill(image.values, 0.25F);
  steps.mean_image = TensorView::own(std::move(image));
  save_model(model, folder_ / "warps.safetensors");

  TrainConfig tuned = tiny_config(folder_ / "data", folder_ / "tuned");
  tuned.size = TrainConfig{}.size;
  tuned.resize = 0;
  tuned.epochs = 1;
  tuned.init = (folder_ / "warps.safetensors").string();
  run(tuned);
  EXPECT_EQ(load_model(folder_ / "tuned/last.safetensors").preprocessing, steps);
  EXPECT_EQ(load_checkpoint(folder_ / "tuned/checkpoint.safetensors").identity.preprocessing, steps);
  EXPECT_THAT(watcher_.notes, Contains(HasSubstr("scaled to 13x12")));

  tuned.out = (folder_ / "sizes").string();
  tuned.resize = 11;
  run(tuned);
  const Preprocessing other = load_model(folder_ / "sizes/last.safetensors").preprocessing;
  EXPECT_EQ(other.resize, Resize(11));
  EXPECT_TRUE(other.floor_crop);
  EXPECT_TRUE(other.mean_image.values.empty());
  EXPECT_EQ(other.mean, steps.mean);
  EXPECT_THAT(watcher_.notes, Contains(HasSubstr("its average is subtracted")));
}

TEST_F(Training, MeasuresStatisticsThatAreNotTheMovingOnes) {
  TrainConfig settings = config();
  settings.epochs = 1;
  run(settings);
  settings.bn_statistics = "moving";
  settings.out = (folder_ / "moving").string();
  run(settings);
  const Model measured = load_model(run_file("last.safetensors"));
  const Model moving = load_model(folder_ / "moving/last.safetensors");
  // The same steps were made: only what inference normalises with differs, and the moving one lags at its
  // start.
  EXPECT_TRUE(same(measured.weights.at("fc2.weight"), moving.weights.at("fc2.weight")));
  const auto mean = [](const Model& model) { return model.weights.at("bn1.running_mean").values; };
  const double lag = std::pow(0.99, 6);
  double max = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_NEAR(mean(moving)[i], mean(measured)[i] * (1 - lag),
                0.3 * std::abs(mean(measured)[i]) * (1 - lag) + 1e-3);
    max = std::max<double>(max, std::abs(mean(measured)[i] - mean(moving)[i]));
  }
  EXPECT_GT(max, 0.05);
}

TEST_F(Training, SaysWhatToDoWhenItDiverges) {
  TrainConfig settings = config();
  settings.lr = 1e18;
  settings.momentum = 0;
  const std::string error = error_of<Error>([&] { run(settings); });
  EXPECT_THAT(error, AllOf(HasSubstr("training diverged"), HasSubstr("learning rate too high"),
                           HasSubstr("try --lr 1e+17")));
  EXPECT_THAT(error, Not(HasSubstr("another error")));
  EXPECT_FALSE(std::filesystem::exists(run_file("best.safetensors")));
}

TEST_F(Training, KeepsTheLastGoodCheckpointWhenItDiverges) {
  TrainConfig settings = config();
  settings.lr = 1;
  settings.momentum = 0.999;
  settings.label_smoothing = 0;
  settings.l2 = 100;  // the kernels grow without end
  settings.epochs = 1000;
  const std::string error = error_of<Error>([&] { run(settings); });
  EXPECT_THAT(error,
              AllOf(HasSubstr("training diverged"),
                    HasSubstr("the last good checkpoint is " + run_file("checkpoint.safetensors").string())));
  const TensorFile checkpoint = load_tensors(run_file("checkpoint.safetensors"));
  for (const auto& [name, tensor] : checkpoint.tensors) {
    if (name.starts_with("velocity.")) continue;
    EXPECT_TRUE(std::all_of(tensor.values.begin(), tensor.values.end(), [](float w) {
      return std::isfinite(w);
    })) << name;
  }
}

TEST_F(Training, TellsOfALossThatStays) {
  TrainConfig settings = config();
  settings.lr = 1e-9;
  settings.batch = 2;
  settings.epochs = 5;  // 240 steps
  settings.checkpoint_minutes = 60;
  settings.mean = {0.5F};
  settings.stddev = {1000};
  const auto blind = [](int width, int height, int depth, int classes, double) -> NetworkSpec {
    return {"blind",
            {depth, height, width},
            {{"flatten", Flatten{}}, {"fc1", Dense{.units = classes}}, {"prob", Softmax{}}}};
  };
  train_network(settings, blind, watcher_);
  EXPECT_EQ(std::count_if(watcher_.notes.begin(), watcher_.notes.end(),
                          [](const std::string& note) {
                            return note.find("stays at ln(3) = 1.099") != std::string::npos;
                          }),
            1);
}

TEST_F(Training, WillNotRunInAFolderWithARun) {
  TrainConfig settings = config();
  settings.epochs = 1;
  run(settings);
  EXPECT_THAT(error_of<UsageError>([&] { run(settings); }), AllOf(HasSubstr("--resume"), HasSubstr("--out")));
}

// Nothing was learned: the advice is another --lr, and that must be possible in the same folder.
TEST_F(Training, StartsAgainWhereARunEndedBeforeItsFirstCheckpoint) {
  TrainConfig settings = config();
  settings.epochs = 1;
  settings.checkpoint_minutes = 60;
  settings.lr = 1e18;
  settings.momentum = 0;
  error_of<Error>([&] { run(settings); });
  ASSERT_TRUE(std::filesystem::exists(run_file("config.json")));
  settings.lr = 0.01;
  EXPECT_EQ(run(settings).epochs.size(), 1U);
}

TEST_F(Training, NamesItsFolderWithoutDetours) {
  TrainConfig settings = config();
  settings.epochs = 1;
  settings.out = (folder_ / "data/../run/").string();
  const std::filesystem::path folder = run(settings).run;
  EXPECT_EQ(folder, std::filesystem::canonical(folder_ / "run"));
}

TEST_F(Training, TellsHowLongTheRunWillStillTake) {
  TrainConfig settings = config();
  settings.epochs = 3;
  run(settings);
  const std::vector<StepMetrics>& steps = watcher_.steps;
  ASSERT_EQ(steps.size(), 18U);
  for (std::size_t i = 0; i < 6; ++i) {  // before anything was validated, steps are all that is known
    const double a_step = static_cast<double>(settings.batch) / steps[i].images_per_s;
    EXPECT_NEAR(steps[i].seconds_left, a_step * static_cast<double>(17 - i),
                1e-9 + 1e-6 * steps[i].seconds_left);
  }
  EXPECT_GT(steps[6].seconds_left, 11 * settings.batch / steps[6].images_per_s);
  EXPECT_NEAR(steps[6].epoch_seconds_left, 5 * settings.batch / steps[6].images_per_s, 1e-6);
  EXPECT_GE(steps[17].seconds_left, 0);
}

TEST_F(Training, TellsTheTimeLeftOfARunThatIsLimited) {
  TrainConfig settings = config();
  settings.epochs = 1000;
  settings.max_steps = 9;
  run(settings);
  ASSERT_EQ(watcher_.steps.size(), 9U);
  const StepMetrics& third = watcher_.steps[2];
  EXPECT_NEAR(third.seconds_left, 6 * settings.batch / third.images_per_s, 1e-9 + 1e-6 * third.seconds_left);
  settings.out = (folder_ / "timed").string();
  settings.max_steps = 12;
  settings.epochs = 2;
  settings.max_minutes = 1e-7;
  watcher_.steps.clear();
  run(settings);
  ASSERT_FALSE(watcher_.steps.empty());
  EXPECT_EQ(watcher_.steps[0].seconds_left, 0);
}

TEST_F(Training, WillNotShareItsFolder) {
  TrainConfig settings = config();
  settings.epochs = 1;
  std::string error;
  watcher_.on_step = [&](const StepMetrics& step) {
    Watcher second;
    if (step.step == 1) error = error_of<UsageError>([&] { resume_tiny(folder_ / "run", second); });
  };
  run(settings);
  EXPECT_THAT(error, HasSubstr("another process is training in this folder"));
}

TEST_F(Training, SaysWhyItEndedWhenTheQuarantineCannotBeWrittenEither) {
  watcher_.on_step = [&](const StepMetrics&) {
    std::filesystem::create_directories(run_file("quarantine.jsonl") / "in the way");
    throw UsageError("a step", "is where it ends");
  };
  EXPECT_THAT(error_of<UsageError>([&] { run(config()); }), HasSubstr("a step: is where it ends"));
}

class BadImages : public Training {
 protected:
  void SetUp() override {
    for (int i = 0; i < 40; ++i)
      for (const char* part : {"train", "val"})
        write_png(
            folder_ / "photos" / part / (i % 2 == 0 ? "cat" : "dog") / (std::to_string(100 + i) + ".png"), 12,
            i % 2);
    write_file(folder_ / "photos/train/cat/100.png", "text, really");
    write_file(folder_ / "photos/val/dog/101.png", "text, too");
    settings_ = tiny_config(folder_ / "photos", folder_ / "run");
    settings_.batch = 8;
    settings_.epochs = 1;
  }
  TrainConfig settings_;
};

TEST_F(BadImages, AreNamedInQuarantine) {
  const TrainResult result = run(settings_);
  EXPECT_EQ(result.validation.skipped, 1);
  EXPECT_EQ(result.validation.images, 39);
  std::istringstream lines(read_file(run_file("quarantine.jsonl")));
  std::vector<std::string> files;
  for (std::string line; std::getline(lines, line);) {
    const auto row = nlohmann::json::parse(line);
    EXPECT_FALSE(row.at("reason").get<std::string>().empty());
    files.push_back(row.at("set").get<std::string>() + " " +
                    std::filesystem::path(row.at("file").get<std::string>()).filename().string());
  }
  EXPECT_THAT(files, ElementsAre("train 100.png", "validation 101.png"));
}

TEST_F(BadImages, AreAnErrorWhenStrict) {
  settings_.strict = true;
  EXPECT_THAT(error_of<DataError>([&] { run(settings_); }), HasSubstr("100.png"));
}

TEST_F(BadImages, AreAnErrorWhenMany) {
  settings_.max_bad = 0.01;
  EXPECT_NE(error_of<DataError>([&] { run(settings_); }), "no error");
  EXPECT_THAT(read_file(run_file("quarantine.jsonl")), HasSubstr("100.png"));
}

// The error says which they are: they are mended, and the same command is given again.
TEST_F(BadImages, AreForgottenWhenARunThatLearnedNothingStartsAgain) {
  settings_.max_bad = 0.01;
  settings_.checkpoint_minutes = 60;
  EXPECT_NE(error_of<DataError>([&] { run(settings_); }), "no error");
  write_png(folder_ / "photos/train/cat/100.png", 12, 0);
  settings_.max_bad = 0.05;
  run(settings_);
  EXPECT_THAT(read_file(run_file("quarantine.jsonl")),
              AllOf(HasSubstr("101.png"), Not(HasSubstr("100.png"))));
}

}  // namespace
}  // namespace alexnet
