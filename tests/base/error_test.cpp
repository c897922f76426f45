#include "alexnet/error.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "alexnet/log.h"
#include "base/log_once.h"

namespace alexnet {
namespace {

TEST(Error, IsOneLineOfWhereWhatAndWhatToDo) {
  const DataError error("photo.jpg", "is empty", "copy it again");
  EXPECT_STREQ(error.what(), "photo.jpg: is empty; copy it again");
  EXPECT_EQ(error.where(), "photo.jpg");
  EXPECT_EQ(error.problem(), "is empty");
  EXPECT_EQ(error.fix(), "copy it again");
  EXPECT_STREQ(UsageError("", "no data").what(), "no data");
  EXPECT_STREQ(UsageError("--lr", "not a number").what(), "--lr: not a number");
}

TEST(Error, ControlCharactersOfAFileNameDoNotReachTheTerminal) {
  const DataError error("a\nb\033[31m\t\x7f.jpg", "is \r empty");
  EXPECT_STREQ(error.what(), "a?b?[31m??.jpg: is ? empty");
  EXPECT_EQ(error.where(), "a\nb\033[31m\t\x7f.jpg");  // the name itself stays as it is
}

TEST(Error, Utf8StaysReadable) { EXPECT_STREQ(DataError("фото.jpg", "ü").what(), "фото.jpg: ü"); }

TEST(Error, KindsAreErrors) {
  EXPECT_THROW(throw UsageError("", "x"), Error);
  EXPECT_THROW(throw DataError("", "x"), Error);
  EXPECT_THROW(throw DeviceError("", "x"), Error);
}

TEST(Log, GoesToTheSinkFromItsLevelOn) {
  std::vector<std::string> lines;
  set_log_sink([&](LogLevel, std::string_view message) { lines.emplace_back(message); });
  log(LogLevel::kDebug, "hidden");
  log_info("shown");
  set_log_level(LogLevel::kWarning);
  log_info("hidden");
  log_warning("shown too");
  set_log_level(LogLevel::kInfo);
  set_log_sink({});
  EXPECT_EQ(lines, std::vector<std::string>({"shown", "shown too"}));
}

TEST(Log, SaysOnceWhatIsWorthSayingOnce) {
  std::vector<std::string> messages;
  set_log_sink([&](LogLevel, std::string_view message) { messages.emplace_back(message); });
  for (const char* message : {"one", "other", "one"}) log_info_once(message);
  set_log_sink({});
  EXPECT_THAT(messages, testing::ElementsAre("one", "other"));
}

}  // namespace
}  // namespace alexnet
