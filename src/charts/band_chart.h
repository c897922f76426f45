// Learning curves of several runs as a line and the band around it, a small chart for each.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace alexnet {

struct Band {
  std::string name;
  std::vector<double> mean, low, high;  // one per epoch; NaN where there is none
};

struct BandChart {
  std::string title, subtitle;
  Band base;  // drawn in gray in every chart
  std::vector<Band> others;
  std::optional<double> mark;  // a level that matters
};

/// Values are fractions, 0 to 1. Atomic; DataError when the file cannot be written.
void draw_bands(const std::filesystem::path& png, const BandChart& chart);

}  // namespace alexnet
