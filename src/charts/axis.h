// Ranges of values in charts, and the marks on them.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "charts/canvas.h"

namespace alexnet {

/// Of lines that stand in one chart.
inline constexpr std::array kSeriesColours = {Colour{0.12, 0.47, 0.71}, Colour{0.85, 0.37, 0.01},
                                              Colour{0.17, 0.58, 0.29}, Colour{0.55, 0.34, 0.70},
                                              Colour{0.80, 0.24, 0.29}, Colour{0.45, 0.45, 0.45}};

/// A range of values and the marks on it.
struct Axis {
  double low = 0, high = 1;
  bool logarithmic = false;
  std::vector<double> ticks;

  /// 0 at the low end, 1 at the high one.
  double position(double value) const;
};

/// 1, 2 or 5 times a power of ten, at least `min`.
double round_step(double min);

/// Around low and high, with a handful of round marks that are `min_step` or more apart.
Axis linear_axis(double low, double high, double min_step);

/// Marks at 1, 2, 5, 10, ..., or at powers of ten alone where there are many.
Axis logarithmic_axis(double low, double high);

/// The same for fractions: it does not go beyond 0 and 1 where they do not.
Axis fraction_axis(double low, double high);

/// A mark as text, with as many digits as marks `step` apart need.
std::string tick_text(double tick, double step);

/// Marks at whole numbers from 1 to `count`, not too many for `width` points.
Axis epoch_axis(std::size_t count, double width = 460);

}  // namespace alexnet
