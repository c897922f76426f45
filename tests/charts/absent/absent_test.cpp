// What stands in for the charts in a program that was built without them.
#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "alexnet/error.h"
#include "alexnet/log.h"
#include "charts/charts.h"
#include "charts/curves.h"
#include "charts/png.h"
#include "charts/sheet.h"
#include "tests/error_text.h"

namespace alexnet {
namespace {

TEST(AbsentCharts, RefuseWhatIsAskedFor) {
  EXPECT_FALSE(charts_available());
  const std::string refusal =
      ": needs charts, which are not part of this program; build it with -D ALEXNET_WITH_CHARTS=ON";
  EXPECT_EQ(error_text<UsageError>([] { require_charts("filters"); }), "filters" + refusal);
  EXPECT_EQ(error_text<UsageError>([] { draw_sheet("a.png", {}); }), "a.png" + refusal);
  EXPECT_EQ(error_text<UsageError>([] { save_png("a.png", {}); }), "a.png" + refusal);
}

TEST(AbsentCharts, LeaveOutWhatIsDrawnBesideAResultAndSayItOnce) {
  std::vector<std::string> messages;
  set_log_sink([&](LogLevel, std::string_view message) { messages.emplace_back(message); });
  note_charts_left_out();
  draw_curves("a.png", {}, {});
  set_log_sink({});
  EXPECT_THAT(messages, testing::ElementsAre("charts are not drawn: this program was built without them "
                                             "(ALEXNET_WITH_CHARTS=OFF)"));
  EXPECT_TRUE(sheet_file({}).png.empty());
}

}  // namespace
}  // namespace alexnet
