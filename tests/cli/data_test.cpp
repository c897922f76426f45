// What commands believe about a folder of images: what is data, what is not, and what they say of it.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/cli/run_command.h"
#include "tests/cli/samples.h"

namespace alexnet {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

class TrainData : public CliTest {
 protected:
  TrainData() { write_class_folders(folder_ / "photos", 4); }

  /// A run of one step.
  Result train(const std::vector<std::string>& more, const fs::path& where = {}) const {
    std::vector<std::string> words = {"train"};
    words.insert(words.end(), more.begin(), more.end());
    for (const char* word : {"--size", "57", "--batch", "4", "--bn-batches", "1", "--max-steps", "1"})
      words.emplace_back(word);
    return run(folder_ / where, words);
  }
  static void expect_said(const Result& result, const std::string& text) {
    EXPECT_EQ(result.code, 0) << result.err;
    EXPECT_NE(result.err.find(text), std::string::npos) << result.err << " lacks " << text;
  }
};

TEST_F(TrainData, RefusesToWriteAmongTheImages) {
  const Result inside = train({"."}, "photos");
  expect_refusal(inside, 2, "lies in '.'");
  const std::size_t command = inside.err.find("alexnet train . --out ../runs/");
  ASSERT_NE(command, std::string::npos) << inside.err;
  EXPECT_FALSE(fs::exists(folder_ / "photos/runs"));
  // The command that it names works, again and again.
  expect_said(train({".", "--out", "../runs/1"}, "photos"), "8 training images");
  expect_said(train({".", "--out", "../runs/2"}, "photos"), "8 training images");

  expect_refusal(train({"photos", "--out", "photos/run"}), 2, "--out run");
  expect_refusal(train({"photos", "--val", ".", "--out", "run"}), 2, "lies in");
  write(folder_ / "study.toml",
        "title = 'T'\nseeds = [0]\n[settings]\ndata = 'photos'\nval-split = 0.5\n[base]\nname = 'a'\n"
        "[[variant]]\nname = 'b'\nsettings = { lr = 0.1 }\n");
  expect_refusal(run(folder_, {"ablate", "study.toml", "--out", "photos/study"}), 2, "--out study");
  expect_refusal(run(folder_, {"report", "runs/1", "--out", "photos/report.html"}), 2,
                 "--out " + (folder_ / "report.html").string());
}

TEST_F(TrainData, PassesOverRunsOfEarlier) {
  expect_said(train({"photos", "--out", "run"}), "8 training images");
  fs::create_directories(folder_ / "photos/runs");
  fs::rename(folder_ / "run", folder_ / "photos/runs/1");
  const Result again = train({"photos", "--out", "run"});
  expect_said(again, "8 training images");
  expect_said(again, "2 classes");
  expect_said(again, "1 folder of runs");
  const Result report = run(folder_, {"report", "photos/runs/1"});
  EXPECT_EQ(report.code, 0) << report.err;
  const Result seen = run(folder_, {"classify", "run", "photos", "--json"});
  EXPECT_EQ(line_count(seen.out), 8) << seen.out;
}

TEST_F(TrainData, SaysWhichClassesThereAre) {
  const Result result = train({"photos", "--val-split", "0.25", "--out", "run"});
  expect_said(result, "6 training images, 2 for validation (held out by --val-split 0.25)");
  expect_said(result,
              "class  training  validation\nabove         3           1\nbelow         3           1\n");
  for (int c = 0; c < 30; ++c)
    write_png(folder_ / "many" / ("class " + std::to_string(100 + c)) / "1.png", c % 2 == 0);
  const Result many = train({"many", "--out", "run2"});
  expect_said(many, "class 104         1           -\n(20 more)\nclass 125         1           -\n");
}

TEST_F(TrainData, NotesWhatIsLikelyNotMeant) {
  const Result same = train({"photos", "--val", "photos", "--freeze", "conv1", "--out", "run"});
  expect_said(same, "all of the 8 validation images are training images too");
  expect_said(same, "--freeze conv1 without --init");
  fs::rename(folder_ / "photos/below", folder_ / "photos/beneath");
  const Result others = train({"photos", "--init", "run", "--out", "run2"});
  expect_said(others, "(above, below) than the data has (above, beneath): ");
  expect_said(others, "starts anew");
}

TEST_F(TrainData, ValidatesWithoutImagesOfAClass) {
  for (int i = 0; i < 3; ++i) write_png(folder_ / "photos/third" / (std::to_string(i) + ".png"), true);
  write_class_folders(folder_ / "val", 2);
  const Result result = train({"photos", "--val", "val", "--out", "run"});
  expect_said(result, "no validation images of third: it has no validation accuracy");
  expect_said(result, "third         3           0\n");
  EXPECT_EQ(run(folder_, {"report", "run"}).code, 0);
  const Result eval = run(folder_, {"eval", "run", "val", "--json"});
  EXPECT_TRUE(json::parse(eval.out).at("classes").at(2).at("recall").is_null()) << eval.out;
}

TEST_F(TrainData, LooksForColourInEveryClass) {
  for (int i = 0; i < 600; ++i)
    fs::create_hard_link(folder_ / "photos/above/0.png",
                         folder_ / ("photos/above/more" + std::to_string(i) + ".png"));
  write_colour_png(folder_ / "photos/zebra/1.png");
  expect_said(train({"photos", "--out", "run"}), "57x57x3 input");
}

TEST_F(TrainData, SaysWhatItPassesOver) {
  write(folder_ / "photos/above/0.png.json", "{}");
  write(folder_ / "photos/@eaDir/x.png", "x");
  expect_said(train({"photos", "--out", "run"}), "passed over in " + (folder_ / "photos").string() +
                                                     ": 1 file that is no image, 1 hidden file or folder");
  const Result eval = run(folder_, {"eval", "run", "photos"});
  expect_said(eval, "1 file that is no image");
  const Result classify = run(folder_, {"classify", "run", "photos"});
  expect_said(classify, "passed over in photos: 1 file that is no image, 1 hidden file or folder");
}

}  // namespace
}  // namespace alexnet
