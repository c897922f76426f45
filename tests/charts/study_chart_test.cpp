#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>

#include "alexnet/error.h"
#include "base/file.h"
#include "charts/axis.h"
#include "charts/band_chart.h"
#include "charts/interval_chart.h"

namespace alexnet {
namespace {

namespace fs = std::filesystem;

std::string folder() {
  const char* kept = std::getenv("ALEXNET_KEEP_CHARTS");  // to look at them
  std::string name = (fs::temp_directory_path() / "alexnet-study-XXXXXX").string();
  return kept != nullptr ? std::string(kept) : std::string(::mkdtemp(name.data()));
}

std::string written(const fs::path& file) { return read_file(file).substr(0, 4); }

Band band(const std::string& name, double start, double end, int epochs) {
  Band band{name, {}, {}, {}};
  for (int i = 0; i < epochs; ++i) {
    const double value = end + (start - end) * std::exp(-0.25 * i);
    band.mean.push_back(value);
    band.low.push_back(value - 0.02);
    band.high.push_back(value + 0.015);
  }
  return band;
}

IntervalChart intervals() {
  IntervalChart chart{"What each part is worth",
                      "Dots: one seed each; bars: 95 % intervals",
                      "validation top-1, difference to base",
                      {}};
  chart.rows.push_back({"without local response normalisation",
                        "is the normalisation of section 3.3 worth its time?",
                        "-0.0046  (-0.0152 to +0.0060)",
                        {-0.001, -0.003, -0.01},
                        -0.0046,
                        -0.0152,
                        0.0060});
  chart.rows.push_back({"plain pooling",
                        "",
                        "-0.0211  (-0.0301 to -0.0121)",
                        {-0.02, -0.019, -0.024},
                        -0.0211,
                        -0.0301,
                        -0.0121});
  chart.rows.push_back({"batch normalisation",
                        "a much longer question that cannot possibly stand in the room that there is for it",
                        "+0.0500",
                        {0.05},
                        0.05,
                        std::nan(""),
                        std::nan(""),
                        false});
  chart.rows.push_back({"cut short", "", "> +0.0200", {0.02}, 0.02, std::nan(""), std::nan(""), true});
  chart.rows.push_back({"diverged", "", "-", {}});
  return chart;
}

TEST(IntervalChart, DrawsRowsOfAllKinds) {
  const fs::path file = fs::path(folder()) / "differences.png";
  draw_intervals(file, intervals());
  EXPECT_EQ(written(file), "\x89PNG");
  draw_intervals(file.string() + ".empty.png", {});
  EXPECT_THROW(draw_intervals("/proc/nowhere/a.png", intervals()), DataError);
}

TEST(IntervalChart, ShowsWholeValues) {
  const fs::path where = folder();
  IntervalChart chart = intervals();
  std::string images[2];
  for (const int last : {0, 1}) {
    chart.rows[1].value = "+0.1873  (+0.1749 to +0.199" + std::to_string(last) + ")";
    const fs::path file = where / "values.png";
    draw_intervals(file, chart);
    images[last] = read_file(file);
  }
  EXPECT_NE(images[0], images[1]);
}

TEST(BandChart, DrawsOneToManyVariants) {
  const fs::path where = folder();
  for (const std::size_t count : {1, 2, 3, 7, 9}) {
    BandChart chart{"Learning curves",
                    "Validation top-1: mean of the seeds; gray: base",
                    band("base", 0.1, 0.7, 20),
                    {},
                    {}};
    if (count == 1) chart.mark = 0.25;
    for (std::size_t i = 0; i < count; ++i)
      chart.others.push_back(band("variant with a name " + std::to_string(i), 0.12,
                                  0.6 + 0.02 * static_cast<double>(i), i == 1 ? 1 : 18));
    chart.others[0].mean[3] = std::nan("");
    const fs::path file = where / ("curves" + std::to_string(count) + ".png");
    draw_bands(file, chart);
    EXPECT_EQ(written(file), "\x89PNG");
  }
  draw_bands(where / "none.png", {});
}

TEST(Axes, HaveRoundMarksThatHoldAllValues) {
  const Axis axis = linear_axis(-0.031, 0.012, 0);
  EXPECT_LE(axis.low, -0.031);
  EXPECT_GE(axis.high, 0.012);
  EXPECT_NEAR(axis.ticks[1] - axis.ticks[0], 0.01, 1e-12);
  EXPECT_EQ(fraction_axis(0.42, 1).high, 1);
  EXPECT_EQ(epoch_axis(1).ticks.size(), 1U);
  EXPECT_LE(epoch_axis(400, 200).ticks.size(), 5U);
}

}  // namespace
}  // namespace alexnet
