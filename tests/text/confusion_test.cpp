#include "text/confusion.h"

#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>

#include "text/text.h"

namespace alexnet {
namespace {

TEST(ConfusionCsv, QuotesNames) {
  const std::vector<std::string> classes = {"plain", "a,b", "say \"hi\""};
  const std::vector<std::int64_t> counts = {5, 0, 1, 2, 3, 4, 0, 0, 9};
  EXPECT_EQ(confusion_csv(classes, counts),
            "truth,plain,\"a,b\",\"say \"\"hi\"\"\"\n"
            "plain,5,0,1\n"
            "\"a,b\",2,3,4\n"
            "\"say \"\"hi\"\"\",0,0,9\n");
}

TEST(ConfusionText, ShowsEverythingWhereItFits) {
  EXPECT_EQ(confusion_text({"cat", "dog"}, std::vector<std::int64_t>{9, 1, 0, 0}, 80),
            "  truth 0 1   right\n"
            "0 cat   9 1  90.0 %\n"
            "1 dog   · ·       -\n");
}

TEST(ConfusionText, KeepsToItsColumnsAndTheMostConfused) {
  const std::size_t n = 100;
  std::vector<std::string> classes;
  for (std::size_t i = 0; i < n; ++i) classes.push_back("class with a long name " + std::to_string(i));
  std::vector<std::int64_t> counts(n * n, 0);
  for (std::size_t i = 0; i < n; ++i) counts[i * n + i] = 1000;
  counts[42 * n + 77] = 500;
  for (const int columns : {40, 80, 200}) {
    std::istringstream lines(confusion_text(classes, counts, columns));
    std::string all;
    for (std::string line; std::getline(lines, line); all += line + "\n")
      EXPECT_LE(text_width(line), columns) << line;
    EXPECT_NE(all.find("\n42 "), std::string::npos);
    EXPECT_NE(all.find("\n77 "), std::string::npos);
    EXPECT_NE(all.find("most confused of 100 classes"), std::string::npos);
  }
}

}  // namespace
}  // namespace alexnet
