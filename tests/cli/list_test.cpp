// Lists of images on standard input, and names of results.
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "tests/cli/run_command.h"
#include "tests/cli/samples.h"

namespace alexnet {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

class List : public CliTest {
 protected:
  List() {
    write_model(folder_ / "m.safetensors");
    write_png(folder_ / "a.png", true);
    write_png(folder_ / "höhe.png", false);
  }
  /// The files that the results of a command name.
  std::vector<std::string> files(const Result& result) const {
    EXPECT_EQ(result.code, 0) << result.err;
    std::vector<std::string> names;
    for (const std::string& line : lines_of(result.out))
      names.push_back(json::parse(line).at("file").get<std::string>());
    return names;
  }
  std::vector<std::string> classified(const std::string& list) const {
    return files(run(folder_, {"classify", "m.safetensors", "-", "--json"}, list));
  }
};

std::string utf16(const std::u16string& text, bool big) {
  std::string bytes;
  for (const char16_t unit : text) {
    const char high = static_cast<char>(unit >> 8), low = static_cast<char>(unit & 0xFF);
    bytes += big ? high : low;
    bytes += big ? low : high;
  }
  return bytes;
}

using Names = std::vector<std::string>;

TEST_F(List, LinesMayEndAsOnWindows) {
  EXPECT_EQ(classified("a.png\r\nhöhe.png\r\n"), (Names{"a.png", "höhe.png"}));
  EXPECT_EQ(classified("a.png\r\n\r\nhöhe.png"), (Names{"a.png", "höhe.png"}));
}

TEST_F(List, MayBeginWithAByteOrderMark) {
  EXPECT_EQ(classified("\xef\xbb\xbf"
                       "a.png\nhöhe.png\n"),
            (Names{"a.png", "höhe.png"}));
}

TEST_F(List, MayBeUtf16WithAByteOrderMark) {
  for (const bool big : {false, true})
    EXPECT_EQ(classified(utf16(u"\ufeffa.png\r\nhöhe.png\r\n", big)), (Names{"a.png", "höhe.png"})) << big;
  write_png(folder_ / "\xf0\x9f\x90\x88.png", true);
  EXPECT_EQ(classified(utf16(u"\ufeff\U0001F408.png", false)), Names{"\xf0\x9f\x90\x88.png"});
}

TEST_F(List, MayBeSeparatedByNul) {
  write_png(folder_ / "two\nlines.png", true);
  const std::string list("two\nlines.png\0a.png\0", 20);
  EXPECT_EQ(classified(list), (Names{"two\nlines.png", "a.png"}));
  const Result found =
      run_shell(folder_, "find . -name '*.png' -print0 | sort -z | $ALEXNET classify m.safetensors - --json");
  EXPECT_EQ(files(found), (Names{"./a.png", "./höhe.png", "./two\nlines.png"}));
}

TEST_F(List, OfEveryCommandIsReadInTheSameWay) {
  const std::string list =
      "\xef\xbb\xbf"
      "a.png\r\nhöhe.png\r\n";
  EXPECT_EQ(files(run(folder_, {"explain", "m.safetensors", "-", "--json"}, list)),
            (Names{"a.png", "höhe.png"}));
  const Result embedded = run(folder_, {"embed", "m.safetensors", "-", "--out", "v.npy"}, list);
  EXPECT_EQ(embedded.code, 0) << embedded.err;
  EXPECT_EQ(content(folder_ / "v.txt"), "a.png\nhöhe.png\n");
}

TEST_F(List, AnImageIsNoList) {
  for (const std::string& image : {content(folder_ / "a.png"), std::string("\xff\xd8\xff\xe0\0\x10JFIF", 10),
                                   std::string("RIFF\x10\0\0\0WEBPVP8 ", 16)})
    for (const std::vector<std::string>& command :
         {Names{"classify", "m.safetensors", "-"}, Names{"explain", "m.safetensors", "-"},
          Names{"embed", "m.safetensors", "-", "--out", "v.csv"}})
      expect_refusal(run(folder_, command, image), 3, "is an image, not a list of file names");
}

TEST_F(List, WithoutNamesIsRefused) {
  for (const std::string& list : Names{"", "\n\r\n", "\xef\xbb\xbf"}) {
    const Result result = run(folder_, {"classify", "m.safetensors", "-"}, list);
    EXPECT_EQ(result.code, 3);
    EXPECT_NE(result.err.find("names no images"), std::string::npos) << result.err;
  }
  expect_refusal(run(folder_, {"classify", "m.safetensors", "-"}, std::string(1 << 20, 'x')), 3,
                 "65,536 bytes");
}

// The next name comes when the result of the one before was seen.
TEST_F(List, IsAnsweredAsNamesArrive) {
  for (const std::string& command : Names{"classify", "explain"}) {
    const Result result =
        run_shell(folder_, "mkfifo names answers; ($ALEXNET " + command +
                               " m.safetensors - --json <names >answers) & exec 3>names 4<answers;"
                               "echo a.png >&3; read -r first <&4; echo \"$first\";"
                               "echo höhe.png >&3; read -r second <&4; echo \"$second\"; exec 3>&-; wait $!");
    EXPECT_EQ(files(result), (Names{"a.png", "höhe.png"})) << command;
    fs::remove(folder_ / "names");
    fs::remove(folder_ / "answers");
  }
}

TEST_F(List, MayBeLong) {
  std::string list;
  constexpr int kNames = 3000;
  for (int i = 0; i < kNames; ++i) list += i % 2 == 0 ? "a.png\n" : "höhe.png\n";
  const std::vector<std::string> names = classified(list);
  ASSERT_EQ(names.size(), kNames);
  for (int i = 0; i < kNames; ++i)
    EXPECT_EQ(names[static_cast<std::size_t>(i)], i % 2 == 0 ? "a.png" : "höhe.png");
}

TEST_F(List, FoldersInItKeepResultsOut) {
  write_class_folders(folder_ / "images", 1);
  const Result result =
      run(folder_, {"explain", "m.safetensors", "-", "--out", "images/results", "--json"}, "a.png\nimages\n");
  EXPECT_EQ(result.code, 2) << result.err;
  EXPECT_EQ(line_count(result.out), 1) << "what came before is done";
}

TEST_F(List, ResultsOfLongNamesAreShortened) {
  const std::string name(245, 'n'), wide(240, 'w');
  std::string letters;
  for (int i = 0; i < 120; ++i) letters += "ä";
  Names arguments = {"explain", "m.safetensors"};
  for (const std::string& stem : {name, wide + "1", wide + "2", letters}) {
    write_png(folder_ / (stem + ".png"), true);
    arguments.push_back(stem + ".png");
  }
  arguments.insert(arguments.end(), {"a.png", "--json"});
  const Result result = run(folder_, arguments);
  EXPECT_EQ(files(result).size(), 5U) << result.err;
  std::vector<std::string> images;
  for (const std::string& line : lines_of(result.out)) {
    images.push_back(json::parse(line).at("image").get<std::string>());
    EXPECT_TRUE(fs::exists(folder_ / images.back())) << images.back();
  }
  std::ranges::sort(images);
  EXPECT_EQ(std::ranges::unique(images).size(), 0U);
}

}  // namespace
}  // namespace alexnet
