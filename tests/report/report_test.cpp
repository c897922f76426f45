// Reports of whole runs: the figures in them, and the page in a browser where there is one.
#include "alexnet/report.h"

#include <gmock/gmock.h>
#include <sys/wait.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "alexnet/error.h"
#include "base/file.h"
#include "report/page.h"
#include "report/picture_book.h"
#include "tests/train/temporary_folder.h"
#include "tests/train/tiny_run.h"

namespace alexnet {
namespace {

using nlohmann::json;
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
    for (const std::string& run : runs) paths.push_back(folder_ / run);
    ReportOptions options;
    options.engine = "reference";
    write_report(paths, folder_ / "report.html", options);
    return read_file(folder_ / "report.html");
  }
  static json data_of(const std::string& page) {
    const std::string start = "id=\"document\">";
    const std::size_t begin = page.find(start) + start.size();
    return json::parse(page.substr(begin, page.find("</script>", begin) - begin));
  }

  TemporaryFolder folder_;
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
  int pictures = 0;
  for (const json& cell : test.at("confusion")) pictures += cell.at(2).get<int>();
  EXPECT_EQ(pictures, 30);
  EXPECT_EQ(run.at("epochs").size(), 4U);
  EXPECT_EQ(run.at("training").at("images"), 96);
  EXPECT_EQ(run.at("train_counts"), json({32, 32, 32}));
  EXPECT_FALSE(run.at("environment").empty());
  EXPECT_TRUE(run.at("filters").at("src").get<std::string>().starts_with("data:image/png;base64,iVBOR"));
  for (const json& picture : run.at("pictures"))
    EXPECT_TRUE(picture.at("src").get<std::string>().starts_with("data:image/jpeg;base64,/9j/"));
  EXPECT_GT(run.at("verdict").size(), 1U);
  // Nothing is loaded from anywhere.
  EXPECT_THAT(html, Not(HasSubstr("https://")));
  EXPECT_THAT(html, Not(HasSubstr("src=\"http")));
}

TEST_F(Reports, FindPicturesThatAreInBothSets) {
  const std::string images = read_file(folder_ / "data/train-images-idx3-ubyte");
  std::string held_out = read_file(folder_ / "data/t10k-images-idx3-ubyte");
  constexpr std::size_t kHeader = 16, kPicture = 144;
  held_out.replace(kHeader + 3 * kPicture, kPicture, images, kHeader + 6 * kPicture, kPicture);
  write_file(folder_ / "data/t10k-images-idx3-ubyte", held_out);
  TrainConfig settings = config();
  settings.epochs = 1;
  train("run", settings);
  const json run = data_of(page({"run"})).at("runs").at(0);
  ASSERT_GE(run.at("duplicate_count"), 1);
  const json& pair = run.at("duplicates").at(0);
  EXPECT_EQ(pair.at("difference"), 0);
  EXPECT_THAT(run.at("pictures").at(pair.at("validation").get<std::size_t>()).at("file").get<std::string>(),
              HasSubstr("[3]"));
  EXPECT_THAT(run.at("pictures").at(pair.at("train").get<std::size_t>()).at("file").get<std::string>(),
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

TEST_F(Reports, DoWithoutValidationPictures) {
  write_tiny_data(folder_ / "unvalidated", 96, 0);
  TrainConfig settings = config();
  settings.data = (folder_ / "unvalidated").string();
  settings.epochs = 1;
  train("run", settings);
  const json run = data_of(page({"run"})).at("runs").at(0);
  EXPECT_FALSE(run.contains("test"));
  EXPECT_THAT(run.at("verdict").at(0).at("text").get<std::string>(), HasSubstr("--val"));
}

TEST_F(Reports, RefuseWhatIsNoRun) {
  const std::vector<std::filesystem::path> nothing, folder = {folder_ / "data"};
  EXPECT_THROW(write_report(nothing, folder_ / "x.html"), UsageError);
  EXPECT_THROW(write_report(folder, folder_ / "x.html"), DataError);
}

// Where a Chromium is installed: the page draws itself without a word on its console.
TEST_F(Reports, AreDrawnByABrowser) {
  train("run", config());
  page({"run"});
  const std::string command =
      "chromium --headless --no-sandbox --disable-gpu --user-data-dir=" + (folder_ / "browser").string() +
      " --virtual-time-budget=5000 --enable-logging=stderr --dump-dom file://" +
      (folder_ / "report.html").string() + " 2>" + (folder_ / "console").string();
  std::FILE* pipe = ::popen(command.c_str(), "r");
  ASSERT_NE(pipe, nullptr);
  std::string dom;
  for (int c; (c = std::fgetc(pipe)) != EOF;) dom += static_cast<char>(c);
  const int status = ::pclose(pipe);
  if (WEXITSTATUS(status) != 0) GTEST_SKIP() << "there is no chromium here that runs";
  for (const char* section : {"verdict", "curves", "confusion", "classes", "calibration", "mistakes",
                              "suspicious", "duplicates", "filters", "dataset", "settings", "repeat"})
    EXPECT_THAT(dom, HasSubstr("<section id=\"" + std::string(section) + "-0\">"));
  EXPECT_THAT(read_file(folder_ / "console"), Not(HasSubstr("CONSOLE")));
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
