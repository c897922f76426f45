#include "console/image_text.h"

#include <gtest/gtest.h>

#include <array>
#include <numeric>

#include "console/terminal.h"

namespace alexnet::cli {
namespace {

TEST(ImageText, PutsTwoPixelsInACell) {
  const std::array<std::uint8_t, 4> pixels = {0, 255, 0, 255};  // 2 x 2
  EXPECT_EQ(image_text(pixels, 2, 2, 80, Colours::kNone), std::vector<std::string>{" @"});
  const std::array<std::uint8_t, 2> column = {255, 0};
  EXPECT_EQ(image_text(column, 1, 2, 80, Colours::kMillions),
            std::vector<std::string>{"\x1b[38;2;255;255;255;48;2;0;0;0m▀\x1b[0m"});
  EXPECT_EQ(image_text(column, 1, 2, 80, Colours::k256),
            std::vector<std::string>{"\x1b[38;5;231;48;5;16m▀\x1b[0m"});
}

TEST(ImageText, KeepsMiddleGraysInTheRampOf256Colours) {
  for (int level = 0; level < 256; ++level) {
    const std::array<std::uint8_t, 2> column = {static_cast<std::uint8_t>(level),
                                                static_cast<std::uint8_t>(level)};
    const std::string text = image_text(column, 1, 2, 80, Colours::k256).front();
    const int index = std::stoi(text.substr(text.find("38;5;") + 5));
    const int shown = index == 16 ? 0 : index == 231 ? 255 : 8 + 10 * (index - 232);
    EXPECT_NEAR(shown, level, 9) << level;
  }
}

TEST(ImageText, ScalesLargeImagesDown) {
  const std::vector<std::uint8_t> pixels(100 * 60, 200);
  const auto lines = image_text(pixels, 100, 60, 40, Colours::kNone);
  EXPECT_EQ(lines.size(), 12U);  // 60 * 40 / 100 rows of pixels, two in a line
  for (const std::string& line : lines) EXPECT_EQ(line, std::string(40, '#'));
}

TEST(ImageText, TakesOddAndEmptyImages) {
  const std::array<std::uint8_t, 3> row = {255, 255, 255};
  EXPECT_EQ(image_text(row, 3, 1, 80, Colours::kNone), std::vector<std::string>{"@@@"});
  EXPECT_EQ(image_text(row, 1, 3, 80, Colours::kNone).size(), 2U);
  EXPECT_TRUE(image_text({}, 0, 0, 80, Colours::kNone).empty());
}

}  // namespace
}  // namespace alexnet::cli
