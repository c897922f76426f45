#include "text/text.h"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace alexnet {
namespace {

TEST(AsciiLower, LeavesAllButTheLettersOfAsciiAsTheyAre) {
  EXPECT_EQ(ascii_lower("IMG_01.JPG @[`{"), "img_01.jpg @[`{");
  EXPECT_EQ(ascii_lower("\xc3\x84\xff"), "\xc3\x84\xff");  // of UTF-8, and of no encoding
}

TEST(Duration, ShowsMinutesAndHours) {
  EXPECT_EQ(duration(0), "0:00");
  EXPECT_EQ(duration(7.4), "0:07");
  EXPECT_EQ(duration(245), "4:05");
  EXPECT_EQ(duration(3599.6), "1:00:00");
  EXPECT_EQ(duration(3723), "1:02:03");
  EXPECT_EQ(duration(-1), "0:00");
}

TEST(TextWidth, CountsColumns) {
  EXPECT_EQ(text_width(""), 0);
  EXPECT_EQ(text_width("Größe"), 5);
  EXPECT_EQ(text_width("猫"), 2);
  EXPECT_EQ(text_width("e\u0301"), 1);  // e and a combining accent
  EXPECT_EQ(text_width("\xff\xfe"), 2);
}

TEST(Printable, ReplacesWhatDrivesATerminal) {
  EXPECT_EQ(printable("a\x1b[31mb\n"), "a?[31mb?");
  EXPECT_EQ(printable("Größe 猫"), "Größe 猫");
  EXPECT_EQ(printable("\xc3("), "?(");
  EXPECT_EQ(printable("\xc0\x80"), "??");            // overlong
  EXPECT_EQ(printable("\xed\xa0\x80"), "???");       // surrogate
  EXPECT_EQ(printable("\xc2\x9b"), "?");             // CSI as one character
  EXPECT_EQ(printable("\xf5\x80\x80\x80"), "????");  // beyond Unicode
}

TEST(Shortened, EndsInAnEllipsis) {
  EXPECT_EQ(shortened("abcdef", 6), "abcdef");
  EXPECT_EQ(shortened("abcdef", 4), "abc…");
  EXPECT_EQ(shortened("猫猫猫", 4), "猫…");
  EXPECT_EQ(shortened("abc", 0), "");
  EXPECT_EQ(shortened("猫猫猫", 3), "猫…");
  EXPECT_EQ(shortened("e\u0301e\u0301", 2), "e\u0301e\u0301");
  EXPECT_EQ(shortened("e\u0301e\u0301e", 2), "e\u0301…");
}

// Measuring the whole text anew for each column takes hours here.
TEST(Shortened, TakesATimeThatGrowsWithTheLength) {
  constexpr int kLength = 1 << 20;
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(text_width(shortened(std::string(kLength, 'x'), kLength - 1)), kLength - 1);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
}

TEST(FirstBytes, EndBehindAWholeCharacter) {
  EXPECT_EQ(first_bytes("abc", 3), "abc");
  EXPECT_EQ(first_bytes("abc", 2), "ab");
  EXPECT_EQ(first_bytes("aä", 2), "a");
  EXPECT_EQ(first_bytes("猫猫", 5), "猫");
  EXPECT_EQ(first_bytes("\xff\xff\xff", 2), "\xff\xff");
  EXPECT_EQ(first_bytes("猫", 0), "");
}

TEST(Table, AlignsNumbersRightAndTextLeft) {
  EXPECT_EQ(table({{"class", "images", "note"}, {"cat", "7", "x"}, {"Größe", "1,000", "11x11 / 4"}}),
            "class  images  note\n"
            "cat         7  x\n"
            "Größe   1,000  11x11 / 4\n");
}

}  // namespace
}  // namespace alexnet
