// Reports of whole runs: the metrics in them, and the page in a browser where there is one.
#include "alexnet/report.h"

#include <gmock/gmock.h>
#include <sys/wait.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "alexnet/error.h"
#include "alexnet/model.h"
#include "base/file.h"
#include "report/page.h"
#include "report/report_images.h"
#include "tests/error_text.h"
#include "tests/temporary_folder.h"
#include "tests/train/tiny_run.h"

namespace alexnet {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

class Reports : public testing::Test {
 protected:
  void SetUp() override { write_tiny_data(folder_ / "data", 96, 30); }

  TrainResult train(const char* name, const TrainConfig& config) {
    TrainConfig settings = config;
    settings.out = (folder_ / name).string();
    Watcher watcher;
    return train_tiny(settings, watcher);
  }
  TrainConfig config() const {
    TrainConfig settings = tiny_config(folder_ / "data", {});
    settings.checkpoint_minutes = 1000;
    return settings;
  }
  std::string page(const std::vector<std::string>& runs) const {
    std::vector<std::filesystem::path> paths;
    paths.reserve(runs.size());
    for (const std::string& run : runs) paths.push_back(folder_ / run);
    ReportOptions options;
    options.engine = "reference";
    options.data = moved_;
    write_report(paths, folder_ / "report.html", options);
    return read_file(folder_ / "report.html");
  }
  static json data_of(const std::string& page) {
    const std::string start = "id=\"document\">";
    const std::size_t begin = page.find(start) + start.size();
    return json::parse(page.substr(begin, page.find("</script>", begin) - begin));
  }

  TemporaryFolder folder_;
  std::filesystem::path moved_;
};

TEST_F(Reports, SayWhatTheRunSays) {
  const TrainResult result = train("run", config());
  const std::string html = page({"run"});
  const json run = data_of(html).at("runs").at(0);
  const json& test = run.at("test");
  EXPECT_EQ(test.at("images"), 30);
  EXPECT_DOUBLE_EQ(test.at("top1"), result.validation.top1);
  EXPECT_NEAR(test.at("loss"), result.validation.loss, 1e-6);
  EXPECT_LT(test.at("low"), test.at("top1"));
  EXPECT_GT(test.at("high"), test.at("top1"));
  int total = 0;
  for (const json& cell : test.at("confusion")) total += cell.at(2).get<int>();
  EXPECT_EQ(total, 30);
  EXPECT_EQ(run.at("epochs").size(), 4U);
  EXPECT_EQ(run.at("training").at("images"), 96);
  EXPECT_EQ(run.at("train_counts"), json({32, 32, 32}));
  EXPECT_FALSE(run.at("environment").empty());
  EXPECT_TRUE(run.at("filters").at("src").get<std::string>().starts_with("data:image/png;base64,iVBOR"));
  for (const json& image : run.at("images"))
    EXPECT_TRUE(image.at("src").get<std::string>().starts_with("data:image/jpeg;base64,/9j/"));
  EXPECT_GT(run.at("verdict").size(), 1U);
  // Nothing is loaded from anywhere.
  EXPECT_THAT(html, Not(HasSubstr("https://")));
  EXPECT_THAT(html, Not(HasSubstr("src=\"http")));
}

TEST_F(Reports, CallAGoodModelOfTwoClassesGood) {
  write_tiny_data(folder_ / "two", 96, 30, 2);
  TrainConfig settings = config();
  settings.data = (folder_ / "two").string();
  settings.epochs = 8;
  ASSERT_GT(train("run", settings).validation.top1, 0.75);
  EXPECT_EQ(data_of(page({"run"})).at("runs").at(0).at("verdict").at(0).at("tone"), "good");
}

TEST_F(Reports, FindImagesThatAreInBothSets) {
  const std::string images = read_file(folder_ / "data/train-images-idx3-ubyte");
  std::string held_out = read_file(folder_ / "data/t10k-images-idx3-ubyte");
  constexpr std::size_t kHeader = 16, kImage = 144;
  held_out.replace(kHeader + 3 * kImage, kImage, images, kHeader + 6 * kImage, kImage);
  write_file(folder_ / "data/t10k-images-idx3-ubyte", held_out);
  TrainConfig settings = config();
  settings.epochs = 1;
  train("run", settings);
  const json run = data_of(page({"run"})).at("runs").at(0);
  ASSERT_GE(run.at("duplicate_count"), 1);
  const json& pair = run.at("duplicates").at(0);
  EXPECT_EQ(pair.at("difference"), 0);
  EXPECT_THAT(run.at("images").at(pair.at("validation").get<std::size_t>()).at("file").get<std::string>(),
              HasSubstr("[3]"));
  EXPECT_THAT(run.at("images").at(pair.at("train").get<std::size_t>()).at("file").get<std::string>(),
              HasSubstr("[6]"));
}

TEST_F(Reports, PutRunsSideBySide) {
  TrainConfig settings = config();
  train("long", settings);
  settings.epochs = 1;
  settings.lr = 0.0001;
  train("short", settings);
  const json document = data_of(page({"long", "short"}));
  EXPECT_EQ(document.at("runs").size(), 2U);
  EXPECT_THAT(document.at("comparison").get<std::string>(), HasSubstr("long is the best"));
}

TEST_F(Reports, NameTheEpochTheModelIsOf) {
  TrainConfig settings = config();
  train("run", settings);
  const auto says = [&] { return data_of(page({"run"})).at("runs").at(0).at("verdict").dump(); };
  const std::string text = read_file(folder_ / "run/metrics.jsonl");
  const std::string step = load_model(folder_ / "run/best.safetensors").provenance.at("step");
  EXPECT_THAT(says(), Not(HasSubstr("inside an epoch")));
  // As when a limit was widened, and no whole epoch became better than what there was.
  std::string others;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);)
    if (json::parse(line).at("step") != std::stoi(step)) others += line + '\n';
  ASSERT_LT(others.size(), text.size());
  write_file(folder_ / "run/metrics.jsonl", others);
  EXPECT_THAT(says(), HasSubstr("inside an epoch"));
}

TEST_F(Reports, CompareRunsThatHeldOutTheSameImagesOnly) {
  write_tiny_data(folder_ / "unsplit", 96, 0);
  TrainConfig settings = config();
  settings.data = (folder_ / "unsplit").string();
  settings.validation_split = 0.25;
  settings.epochs = 1;
  train("one", settings);
  settings.lr *= 0.5;
  train("two", settings);
  settings.seed = 1;  // as many of each class are held out, but others
  train("three", settings);
  const auto comparison = [&](const std::string& other) {
    return data_of(page({"one", other})).at("comparison").get<std::string>();
  };
  EXPECT_THAT(comparison("two"), HasSubstr("On the same images"));
  EXPECT_THAT(comparison("three"), HasSubstr("tested on different images"));
}

class HeldOutReports : public Reports {
 protected:
  /// A run that held a quarter of 48 images out, each image unlike the others.
  void SetUp() override {
    for (int i = 0; i < 24; ++i)
      for (const int place : {0, 1}) write_photo(photo(place, i), place, i);
    TrainConfig settings = config();
    settings.data = (folder_ / "photos").string();
    settings.validation_split = 0.25;
    settings.epochs = 1;
    train("run", settings);
    std::istringstream lines(read_file(folder_ / "run/held-out.jsonl"));
    for (std::string line; std::getline(lines, line);)
      held_out_.push_back(folder_ / "photos" / json::parse(line).at("file").get<std::string>());
    ASSERT_EQ(held_out_.size(), 12U);
  }
  std::filesystem::path photo(int place, int i) const {
    return folder_ / "photos" / (place == 0 ? "cats" : "dogs") / (std::to_string(i) + ".png");
  }
  /// One that the run was trained on.
  std::filesystem::path trained(std::size_t which) const {
    for (int i = 0; i < 24; ++i)
      if (std::ranges::find(held_out_, photo(0, i)) == held_out_.end() && which-- == 0) return photo(0, i);
    return {};
  }
  static void write_photo(const std::filesystem::path& file, int place, int i) {
    write_png(file, 12, place);
    // What follows the end of a PNG is not looked at, but makes another file of it.
    std::ofstream(file, std::ios::binary | std::ios::app) << "photo " << place << ' ' << i;
  }
  json run() const { return data_of(page({"run"})).at("runs").at(0); }
  std::vector<std::string> tested() const {
    std::vector<std::string> files;
    const json report = run();
    for (const json& image : report.at("images"))
      if (image.at("set") == "validation") files.push_back(image.at("file"));
    return files;
  }

  std::vector<std::filesystem::path> held_out_;
};

TEST_F(HeldOutReports, CountWhatTheRunHeldOutThoughOthersAreGone) {
  const json before = run();
  EXPECT_EQ(before.at("test").at("images"), 12);
  std::filesystem::remove(trained(0));  // another draw would hold others out
  std::filesystem::rename(trained(1), folder_ / "photos/cats/renamed.png");
  const json after = run();
  EXPECT_EQ(after.at("test"), before.at("test"));
  EXPECT_EQ(after.at("verdict").dump().find("missing"), std::string::npos);
  EXPECT_THAT(after.at("verdict").dump(), HasSubstr("it has never seen"));
}

TEST_F(HeldOutReports, NeverCountWhatTheRunWasTrainedOn) {
  std::filesystem::remove(held_out_[0]);
  std::filesystem::rename(trained(0), held_out_[1]);
  std::filesystem::copy_file(trained(1), held_out_[2], std::filesystem::copy_options::overwrite_existing);
  const json after = run();
  EXPECT_EQ(after.at("test").at("images"), 9);
  EXPECT_THAT(after.at("verdict").dump(), HasSubstr("missing: 1, changed: 2"));
  for (const std::string& file : tested())
    for (const std::size_t i : {0, 1, 2}) EXPECT_THAT(held_out_[i].string(), Not(HasSubstr(file)));
}

TEST_F(HeldOutReports, CountAnImageWhoseLabelWasMended) {
  const std::filesystem::path from = held_out_[0];
  const char* other = from.parent_path().filename() == "cats" ? "dogs" : "cats";
  std::filesystem::rename(from, folder_ / "photos" / other / "mended.png");
  const json after = run();
  EXPECT_EQ(after.at("test").at("images"), 12);
  EXPECT_THAT(tested(), testing::Contains(HasSubstr("mended.png")));
}

TEST_F(HeldOutReports, AreMadeOfWhatIsLeftOfTheClasses) {
  write_photo(folder_ / "photos/birds/1.png", 1, 99);
  for (int i = 0; i < 24; ++i) std::filesystem::remove(photo(1, i));
  const json after = run();
  EXPECT_EQ(after.at("test").at("images"), 6);
  EXPECT_THAT(after.at("verdict").dump(),
              AllOf(HasSubstr("classes that the model does not have (birds): they are left out"),
                    HasSubstr("there are no images of dogs"), HasSubstr("missing: 6")));
}

TEST_F(HeldOutReports, FindImagesThatWereMoved) {
  std::filesystem::rename(folder_ / "photos", folder_ / "elsewhere");
  EXPECT_THAT(error_text<DataError>([&] { run(); }), HasSubstr("--data"));
  moved_ = folder_ / "elsewhere";
  EXPECT_EQ(run().at("test").at("images"), 12);
  for (int i = 0; i < 24; ++i)
    for (const int place : {0, 1})
      write_photo(folder_ / "others" / (place == 0 ? "cats" : "dogs") / (std::to_string(i) + ".png"), place,
                  100 + i);
  moved_ = folder_ / "others";
  EXPECT_THAT(error_text<DataError>([&] { run(); }), HasSubstr("has none of the 12 images"));
}

TEST_F(Reports, CheckMovedImagesWithoutAHeldOutPart) {
  write_tiny_data(folder_ / "plain", 96, 0);
  TrainConfig settings = config();
  settings.data = (folder_ / "plain").string();
  settings.epochs = 1;
  train("run", settings);
  std::filesystem::rename(folder_ / "plain", folder_ / "elsewhere");
  moved_ = folder_ / "elsewhere";
  EXPECT_FALSE(data_of(page({"run"})).at("runs").at(0).contains("test"));
  write_tiny_data(folder_ / "other", 90, 0);
  moved_ = folder_ / "other";
  EXPECT_THAT(error_text<DataError>([&] { page({"run"}); }), HasSubstr("is not the data that"));
  std::filesystem::remove(folder_ / "run/checkpoint.safetensors");
  EXPECT_THAT(data_of(page({"run"})).at("runs").at(0).at("verdict").dump(), HasSubstr("not certain"));
}

TEST_F(HeldOutReports, SayThatNothingIsLeft) {
  for (const std::filesystem::path& file : held_out_) std::filesystem::remove(file);
  const json after = run();
  EXPECT_FALSE(after.contains("test"));
  EXPECT_THAT(after.at("verdict").dump(), HasSubstr("none of the 12 images"));
}

TEST_F(HeldOutReports, SayThatAnOlderRunHasNoRecord) {
  std::filesystem::remove(folder_ / "run/held-out.jsonl");
  const json old = run();
  EXPECT_EQ(old.at("test").at("images"), 12);
  EXPECT_THAT(old.at("verdict").dump(), AllOf(HasSubstr("does not record which images it held out"),
                                              HasSubstr("drawn anew"), Not(HasSubstr("never seen"))));
}

TEST_F(Reports, LeaveOutValidationImagesThatWereNotThere) {
  TrainConfig settings = config();
  settings.epochs = 1;
  train("run", settings);
  write_tiny_data(folder_ / "data", 96, 36);
  const json run = data_of(page({"run"})).at("runs").at(0);
  EXPECT_EQ(run.at("test").at("images"), 30);
}

TEST_F(Reports, DoWithoutValidationImages) {
  write_tiny_data(folder_ / "unvalidated", 96, 0);
  TrainConfig settings = config();
  settings.data = (folder_ / "unvalidated").string();
  settings.epochs = 1;
  train("run", settings);
  const json run = data_of(page({"run"})).at("runs").at(0);
  EXPECT_FALSE(run.contains("test"));
  EXPECT_THAT(run.at("verdict").at(0).at("text").get<std::string>(), HasSubstr("--val"));
}

TEST_F(Reports, NameTheImagesLeftOut) {
  TrainConfig settings = config();
  settings.epochs = 1;
  train("run", settings);
  write_file(folder_ / "run/quarantine.jsonl",
             "{\"set\":5}\n{\"set\":\"train\",\"index\":3,\"file\":\"a.png\",\"reason\":\"is empty\"}\n");
  const json left_out = data_of(page({"run"})).at("runs").at(0).at("left_out");
  ASSERT_EQ(left_out.size(), 1U);
  EXPECT_EQ(left_out.at(0).at("file"), "a.png");
}

TEST_F(Reports, RefuseWhatIsNoRun) {
  const std::vector<std::filesystem::path> nothing, folder = {folder_ / "data"};
  EXPECT_THROW(write_report(nothing, folder_ / "x.html"), UsageError);
  EXPECT_THROW(write_report(folder, folder_ / "x.html"), DataError);
}

/// Folders of classes, one of which has a name that is markup and, in validation, images of another class.
void write_class_folders(const std::filesystem::path& data) {
  const std::vector<std::string> classes = {"<img src=x onerror=alert(1)>", "a \"b\" & 'c'", "plain"};
  for (const auto& [set, images] : {std::pair("train", 24), std::pair("val", 8)})
    for (int place = 0; place < 3; ++place)
      for (int i = 0; i < images; ++i) {
        const bool wrong = set == std::string("val") && place == 2 && i < 3;
        write_png(data / set / classes.at(static_cast<std::size_t>(place)) / (std::to_string(i) + ".png"), 12,
                  wrong ? 0 : place);
      }
}

// A reader's clicks, in a real browser: console, sorting, themes, widths, paper, several runs.
TEST_F(Reports, CanBeReadInABrowser) {
  write_class_folders(folder_ / "folders");
  TrainConfig settings = config();
  settings.data = (folder_ / "folders").string();
  train("long", settings);
  settings.epochs = 2;
  train("short", settings);
  page({"long", "short"});
  std::filesystem::rename(folder_ / "report.html", folder_ / "together.html");
  page({"long"});
  // Debian's selenium is for Debian's Python.
  const std::filesystem::path script =
      std::filesystem::path(ALEXNET_TEST_DATA).parent_path() / "look_at_report.py";
  const std::string command = "/usr/bin/python3 " + script.string() + " " +
                              (folder_ / "report.html").string() + " " +
                              (folder_ / "together.html").string() + " 2>&1";
  std::FILE* pipe = ::popen(command.c_str(), "r");
  ASSERT_NE(pipe, nullptr);
  std::string said;
  for (int c; (c = std::fgetc(pipe)) != EOF;) said += static_cast<char>(c);
  const int status = WEXITSTATUS(::pclose(pipe));
  if (status == 77 || status == 127) GTEST_SKIP() << "not looked at in a browser: " << said;
  EXPECT_EQ(status, 0) << said;
}

TEST(DataUri, IsBase64) {  // RFC 4648, 10
  EXPECT_EQ(data_uri("text/plain", ""), "data:text/plain;base64,");
  EXPECT_EQ(data_uri("text/plain", "f"), "data:text/plain;base64,Zg==");
  EXPECT_EQ(data_uri("text/plain", "fo"), "data:text/plain;base64,Zm8=");
  EXPECT_EQ(data_uri("text/plain", "foo"), "data:text/plain;base64,Zm9v");
  EXPECT_EQ(data_uri("text/plain", "foobar"), "data:text/plain;base64,Zm9vYmFy");
}

}  // namespace
}  // namespace alexnet
