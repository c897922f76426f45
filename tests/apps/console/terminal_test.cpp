#include "console/terminal.h"

#include <gtest/gtest.h>

#include "text/text.h"

namespace alexnet::cli {
namespace {

TEST(ProgressLine, NeverIsWiderThanItsTerminal) {
  for (int columns = 1; columns < 120; ++columns)
    EXPECT_LE(text_width(progress_line("epoch 1/2", 50, 100, "loss 1.234  0:32 left", columns)), columns);
}

TEST(ProgressLine, FillsItsBar) {
  EXPECT_NE(progress_line("a", 0, 8, "", 30).find("·"), std::string::npos);
  EXPECT_EQ(progress_line("a", 8, 8, "", 30).find("·"), std::string::npos);
  EXPECT_EQ(progress_line("a", 1, 8, "b", 12), "a  1/8  b");
  EXPECT_EQ(progress_line("a", 3, 0, "b", 12), "a  3  b");
}

}  // namespace
}  // namespace alexnet::cli
