// Whole training runs, as short as they can be: the article's network at its smallest size, a few steps.
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <nlohmann/json.hpp>

#include "tests/cli/run_command.h"
#include "tests/cli/samples.h"

namespace alexnet {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

class Train : public CliTest {
 protected:
  Train() {
    write_idx(folder_ / "data", "train", 8);
    write_idx(folder_ / "data", "t10k", 4);
  }
  /// The words for a short run, and more.
  static std::vector<std::string> arguments(const std::vector<std::string>& more) {
    std::vector<std::string> all = {"train", "data",         "--size", "57",    "--batch",
                                    "4",     "--bn-batches", "1",      "--out", "run"};
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }
};

TEST_F(Train, LeavesARunFolderThatOtherCommandsTake) {
  const Result result = run(folder_, arguments({"--epochs", "2", "--json"}));
  ASSERT_EQ(result.code, 0) << result.err;
  ASSERT_EQ(line_count(result.out), 2) << result.out;
  for (const std::string& line : lines_of(result.out)) {
    const json epoch = json::parse(line);
    for (const char* key : {"epoch", "step", "lr", "train_loss", "train_top1", "val_loss", "val_top1",
                            "val_top5", "images_per_s", "data_wait", "seconds"})
      EXPECT_TRUE(epoch.contains(key)) << key;
  }
  for (const char* name : {"config.json", "metrics.jsonl", "best.safetensors", "last.safetensors",
                           "quarantine.jsonl", "confusion.csv", "confusion.png", "curves.png"})
    EXPECT_TRUE(fs::exists(folder_ / "run" / name)) << name;
  EXPECT_EQ(line_count(content(folder_ / "run/metrics.jsonl")), 2);

  const Result eval = run(folder_, {"eval", "run", "data", "--json"});
  EXPECT_EQ(eval.code, 0) << eval.err;
  EXPECT_EQ(json::parse(eval.out).at("images"), 4);
  write_png(folder_ / "a.png", true);
  EXPECT_EQ(run(folder_, {"classify", "run", "a.png"}).code, 0);
  const Result report = run(folder_, {"report", "run"});
  EXPECT_EQ(report.code, 0) << report.err;
  EXPECT_EQ(report.out, "run/report.html\n");
  EXPECT_TRUE(fs::exists(folder_ / "run/report.html"));
  expect_refusal(run(folder_, {"report", "data"}), 3, "config.json");
  expect_refusal(run(folder_, {"report", "nothing"}), 3, "config.json");
  // Before anything is read.
  expect_refusal(run(folder_, {"report", "data", "--out", "nowhere/r.html"}), 3, "nowhere/r.html");
}

TEST_F(Train, TableForPeopleAndSettingsFromAFile) {
  write(folder_ / "settings.toml", "epochs = 1\nlr = 0.001\nseed = 7\n");
  const Result result = run(folder_, arguments({"--config", "settings.toml", "--lr", "0.002"}));
  ASSERT_EQ(result.code, 0) << result.err;
  EXPECT_NE(result.out.find("epoch"), std::string::npos) << result.out;
  EXPECT_NE(result.out.find("next"), std::string::npos) << result.out;
  EXPECT_EQ(result.out.find('\x1b'), std::string::npos);
  EXPECT_EQ(result.err.find('\x1b'), std::string::npos);
  const json config = json::parse(content(folder_ / "run/config.json"));
  EXPECT_EQ(config.at("seed"), 7);
  EXPECT_EQ(config.at("lr"), 0.002);
}

TEST_F(Train, InterruptSavesAndResumeGoesOn) {
  std::vector<std::string> words = arguments({"--epochs", "3", "--json"});
  words.insert(words.begin(), ALEXNET_PROGRAM);
  RunningCommand command(folder_, words);
  ASSERT_TRUE(command.wait_for("\"epoch\":1")) << content(folder_ / ".err");
  command.send(SIGINT);
  const Result stopped = command.finish();
  EXPECT_EQ(stopped.code, 130) << stopped.err;
  EXPECT_NE(stopped.err.find("alexnet train --resume"), std::string::npos) << stopped.err;
  EXPECT_LT(line_count(stopped.out), 3);

  const Result rest = run(folder_, {"train", "--resume", "run", "--json"});
  EXPECT_EQ(rest.code, 0) << rest.err;
  EXPECT_EQ(line_count(stopped.out) + line_count(rest.out), 3);
  EXPECT_EQ(json::parse(lines_of(rest.out).back()).at("epoch"), 3);
  EXPECT_EQ(json::parse(lines_of(rest.out).back()).at("step"), 6);
}

TEST_F(Train, ReaderThatLeavesStopsTheRunAndNothingIsLost) {
  const Result result =
      run_shell(folder_,
                "(\"$ALEXNET\" train data --size 57 --batch 4 --bn-batches 1 --out run --epochs 3 "
                "--json; echo $? >code) | head -n 1");
  EXPECT_EQ(content(folder_ / "code"), "130\n") << result.err;
  EXPECT_EQ(run(folder_, {"train", "--resume", "run"}).code, 0);
}

TEST_F(Train, AFinishedRunGoesFurtherWhereItsImagesAreNow) {
  const Result first = run(folder_, arguments({"--epochs", "1"}));
  ASSERT_EQ(first.code, 0) << first.err;
  EXPECT_NE(first.out.find("further  alexnet train --resume"), std::string::npos) << first.out;
  EXPECT_NE(first.out.find("folder   "), std::string::npos) << first.out;
  EXPECT_NE(first.out.find("--keep-checkpoint off"), std::string::npos) << first.out;
  const Result finished = run(folder_, {"train", "--resume", "run"});
  EXPECT_EQ(finished.code, 0);
  EXPECT_NE(finished.err.find("the run is finished"), std::string::npos) << finished.err;

  fs::rename(folder_ / "data", folder_ / "moved");
  expect_refusal(run(folder_, {"train", "--resume", "run", "--epochs", "2"}), 3, "--data");
  expect_refusal(run(folder_, {"train", "--resume", "run", "--batch", "2"}), 2, "--batch");
  expect_refusal(run(folder_, {"train", "--resume", "run", "--config", "x.toml"}), 2, "--config");
  const Result more = run(
      folder_, {"train", "--resume", "run", "--data", "moved", "--epochs", "2", "--keep-checkpoint", "off"});
  EXPECT_EQ(more.code, 0) << more.err;
  EXPECT_NE(more.err.find("learning rate continues at"), std::string::npos) << more.err;
  EXPECT_EQ(line_count(content(folder_ / "run/metrics.jsonl")), 2);
  EXPECT_FALSE(fs::exists(folder_ / "run/checkpoint.safetensors"));
  EXPECT_EQ(more.out.find("further"), std::string::npos) << more.out;
  EXPECT_EQ(run(folder_, {"report", "run"}).code, 0);
}

TEST_F(Train, SaysHowManyImagesWereLeftOut) {
  write_class_folders(folder_ / "photos", 4);
  for (const char* name : {"1", "2", "3", "4"})  // 12 in all: each has a place in the epoch
    write(folder_ / "photos/above" / (std::string("broken") + name + ".png"), "no image");
  const Result result = run(folder_, {"train", "photos", "--size", "57", "--batch", "4", "--bn-batches", "1",
                                      "--epochs", "1", "--max-bad", "0.5", "--out", "run"});
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_NE(result.err.find("4 images were left out because they could not be read"), std::string::npos)
      << result.err;
  EXPECT_NE(result.err.find("run/quarantine.jsonl names them"), std::string::npos) << result.err;
}

TEST_F(Train, EvaluationSaysWhatTheModelWasTrainedOn) {
  write_class_folders(folder_ / "photos", 8);
  for (const char* half : {"above", "below"})
    for (int i = 0; i < 8; ++i) {  // what follows a PNG's end makes another file of it
      const fs::path file = folder_ / "photos" / half / (std::to_string(i) + ".png");
      write(file, content(file) + std::to_string(i));
    }
  ASSERT_EQ(run(folder_, {"train", "photos", "--val-split", "0.25", "--size", "57", "--batch", "4",
                          "--bn-batches", "1", "--epochs", "1", "--out", "run"})
                .code,
            0);
  const Result eval = run(folder_, {"eval", "run", "photos", "--json"});
  EXPECT_EQ(eval.code, 0) << eval.err;
  EXPECT_EQ(json::parse(eval.out).at("images"), 16);
  EXPECT_NE(eval.err.find("trained on 12 of these 16 images"), std::string::npos) << eval.err;
  EXPECT_EQ(line_count(eval.err), 1) << eval.err;
  write_class_folders(folder_ / "others", 2);
  EXPECT_EQ(run(folder_, {"eval", "run", "others", "--json"}).err, "");
  fs::remove(folder_ / "run/held-out.jsonl");
  EXPECT_NE(run(folder_, {"eval", "run", "photos", "--json"}).err.find("does not record which images"),
            std::string::npos);
}

TEST_F(Train, RefusesDataItCannotUse) {
  expect_refusal(run(folder_, {"train", "nowhere"}), 3, "nowhere");
  fs::create_directory(folder_ / "empty");
  expect_refusal(run(folder_, {"train", "empty"}), 3, "empty");
  write_png(folder_ / "single/only/1.png", true);
  expect_refusal(run(folder_, {"train", "single"}), 3, "only");
  write(folder_ / "cut/train-images-idx3-ubyte",
        content(folder_ / "data/train-images-idx3-ubyte").substr(0, 100));
  write(folder_ / "cut/train-labels-idx1-ubyte", content(folder_ / "data/train-labels-idx1-ubyte"));
  expect_refusal(run(folder_, {"train", "cut"}), 3, "cut");
  expect_refusal(run(folder_, {"demo", "--data", "nowhere"}), 3, "nowhere");
  expect_refusal(run(folder_, {"train", "data", "--size", "57", "--val-split", "0.1"}), 2, "--val-split");
}

TEST_F(Train, SaysInOneLineThatItDiverged) {
  const Result result = run(folder_, {"train", "data", "--size", "57", "--batch", "4", "--lr", "1e9"});
  EXPECT_EQ(result.code, 1);
  const std::string last = lines_of(result.err).back();
  EXPECT_TRUE(last.starts_with("alexnet: ")) << last;
  EXPECT_NE(last.find("training diverged"), std::string::npos) << last;
  EXPECT_EQ(last.find("unexpected"), std::string::npos) << last;
}

TEST_F(Train, AnotherSizeGoesWithARunsSettings) {
  write(folder_ / "run.json", R"({"size": 57, "crop": 57, "batch": 4, "max-steps": 1})");
  EXPECT_EQ(run(folder_, {"train", "data", "--config", "run.json", "--size", "61", "--resize", "64"}).code,
            0);
}

TEST_F(Train, RefusesPlacesAndSettingsItCannotUse) {
  write(folder_ / "file", "in the way");
  expect_refusal(run(folder_, {"train", "data", "--size", "57", "--batch", "4", "--out", "file/run"}), 3,
                 "file/run");
  expect_refusal(run(folder_, {"train", "data", "--size", "57", "--batch", "4", "--out", "/proc/run"}), 3,
                 "/proc/run");
  expect_refusal(run(folder_, {"train", "data", "--size", "20"}), 2, "57");
  expect_refusal(run(folder_, {"train", "data", "--config", "none.toml"}), 3, "none.toml");
  write(folder_ / "bad.json", "{\"learning_rate\": 1}");
  expect_refusal(run(folder_, {"train", "data", "--config", "bad.json"}), 3, "learning_rate");
  expect_refusal(run(folder_, {"train", "--resume", "empty"}), 3, "empty");
  fs::create_symlink("loop", folder_ / "loop");  // asking what it is fails, as in a closed folder
  expect_refusal(run(folder_, {"train", "--resume", "loop"}), 3, "loop");
  expect_refusal(run(folder_, {"train", "data", "--size", "57", "--init", "none.safetensors"}), 3,
                 "none.safetensors");
}

TEST_F(Train, FullDiskForItsOutputIsAnErrorAtTheEnd) {
  if (!fs::exists("/dev/full")) GTEST_SKIP() << "this machine has no /dev/full";
  const Result result = run_shell(
      folder_,
      "$ALEXNET train data --size 57 --batch 4 --bn-batches 1 --epochs 2 --out run --json >/dev/full");
  EXPECT_EQ(result.code, 3) << result.err;
  EXPECT_NE(result.err.find("standard output: cannot be written (No space left on device)"),
            std::string::npos)
      << result.err;
  EXPECT_EQ(line_count(content(folder_ / "run/metrics.jsonl")), 2);
}

TEST_F(Train, AFullPipeDoesNotKeepItFromStopping) {
  RunningCommand command(folder_,
                         {"/bin/sh", "-c",
                          "mkfifo full; exec 5<>full; dd if=/dev/zero bs=65536 count=1 2>/dev/null >&5;"
                          "exec $ALEXNET train data --size 57 --batch 4 --bn-batches 1 --epochs 500 "
                          "--out run --json >&5"});
  ASSERT_TRUE(command.wait_for("for validation"));
  while (!fs::exists(folder_ / "run/last.safetensors")) ::usleep(10'000);
  ::usleep(2'000'000);  // it waits for room for the line of an epoch
  const auto before = std::chrono::steady_clock::now();
  command.send(SIGINT);
  const Result result = command.finish();
  EXPECT_EQ(result.code, 130) << result.err;
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(30));
  EXPECT_NE(result.err.find("saved"), std::string::npos) << result.err;
}

TEST_F(Train, DataThatIsCutShortIsNamedAndTheCheckpointKept) {
  RunningCommand command(folder_, {ALEXNET_PROGRAM, "train", "data", "--size", "57", "--batch", "4",
                                   "--bn-batches", "1", "--epochs", "500", "--cache", "off", "--out", "run"});
  while (!fs::exists(folder_ / "run/checkpoint.safetensors")) ::usleep(10'000);
  fs::resize_file(folder_ / "data/train-images-idx3-ubyte", 0);
  const Result result = command.finish();
  EXPECT_EQ(result.code, 3) << result.err;
  EXPECT_NE(result.err.find("train-images-idx3-ubyte: cannot be read any more"), std::string::npos)
      << result.err;
  EXPECT_TRUE(fs::exists(folder_ / "run/checkpoint.safetensors"));
}

}  // namespace
}  // namespace alexnet
