// Differences with their intervals, one below the other.
#pragma once

#include <filesystem>
#include <limits>
#include <string>
#include <vector>

namespace alexnet {

struct IntervalRow {
  std::string name, note;      // the note stands small below the name
  std::string value;           // right of the chart
  std::vector<double> values;  // faint dots
  /// NaN where there is none. With `at_least` an arrow points from the mean to where it may lie.
  double mean = std::numeric_limits<double>::quiet_NaN();
  double low = std::numeric_limits<double>::quiet_NaN(), high = std::numeric_limits<double>::quiet_NaN();
  bool at_least = false;
};

struct IntervalChart {
  std::string title, subtitle;
  std::string below;  // under the axis
  std::vector<IntervalRow> rows;
};

/// Intervals that leave out 0 are drawn in colour. Atomic; DataError when the file cannot be written.
void draw_intervals(const std::filesystem::path& png, const IntervalChart& chart);

}  // namespace alexnet
