// Learning curves.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace alexnet {

/// Learning curves as a PNG: series over epochs, losses left, accuracies right. Atomic; DataError when the
/// file cannot be written.
struct Series {
  std::string name;
  std::vector<double> values;  // one per epoch; NaN where there is none
};
void draw_curves(const std::filesystem::path& png, const std::vector<Series>& losses,
                 const std::vector<Series>& accuracies);

}  // namespace alexnet
