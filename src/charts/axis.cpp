#include "charts/axis.h"

#include <algorithm>
#include <cmath>

#include "fmt/format.h"

namespace alexnet {

double Axis::position(double value) const {
  if (logarithmic) return std::log(value / low) / std::log(high / low);
  return (value - low) / (high - low);
}

double round_step(double min) {
  const double power = std::pow(10.0, std::floor(std::log10(min)));
  for (const double factor : {1.0, 2.0, 5.0})
    if (factor * power >= min * 0.999) return factor * power;
  return 10 * power;
}

Axis linear_axis(double low, double high, double min_step) {
  Axis axis;
  if (!(high > low)) {
    const double room = std::max(std::abs(high) * 0.1, 0.05);
    low -= room;
    high += room;
  }
  const double span = high - low;
  const double step = std::max(round_step(span / 5), min_step);
  axis.low = std::floor(low / step + 1e-9) * step;
  axis.high = std::max(std::ceil(high / step - 1e-9) * step, axis.low + step);
  const int count = static_cast<int>(std::lround((axis.high - axis.low) / step));
  for (int i = 0; i <= count; ++i) axis.ticks.push_back(axis.low + i * step);
  return axis;
}

Axis logarithmic_axis(double low, double high) {
  Axis axis;
  axis.logarithmic = true;
  const bool dense = high / low < 1e4;
  std::vector<double> marks;
  for (int power = static_cast<int>(std::floor(std::log10(low))); power <= std::ceil(std::log10(high));
       ++power)
    for (const double factor : {1.0, 2.0, 5.0})
      if (dense || factor == 1.0) marks.push_back(factor * std::pow(10.0, power));
  const auto first = std::prev(std::ranges::upper_bound(marks, low * 1.001));
  const auto last = std::ranges::lower_bound(marks, high * 0.999);
  axis.ticks.assign(first, last == marks.end() ? last : std::next(last));
  axis.low = axis.ticks.front();
  axis.high = axis.ticks.back();
  return axis;
}

Axis fraction_axis(double low, double high) {
  Axis axis = linear_axis(low, high, 0.01);
  if (low < 0 || high > 1) return axis;
  std::erase_if(axis.ticks, [](double tick) { return tick < -1e-9 || tick > 1 + 1e-9; });
  axis.low = std::max(axis.low, 0.0);
  axis.high = std::min(axis.high, 1.0);
  return axis;
}

std::string tick_text(double tick, double step) {
  if (step < 1e-4 || std::abs(tick) >= 1e6) return fmt::format("{:.3g}", tick);
  const int digits = std::clamp(static_cast<int>(std::ceil(-std::log10(step) - 1e-9)), 0, 4);
  return fmt::format("{:.{}f}", std::abs(tick) < step * 1e-6 ? 0.0 : tick, digits);
}

Axis epoch_axis(std::size_t count, double width) {
  Axis epochs;
  epochs.low = count > 1 ? 1 : 0;
  epochs.high = count > 1 ? static_cast<double>(count) : 2;
  const double step = std::max(1.0, round_step(static_cast<double>(count) * 46 / width));
  const auto ticks = static_cast<int>(static_cast<double>(count) / step);
  for (int tick = 1; tick <= ticks; ++tick) epochs.ticks.push_back(tick * step);
  if (epochs.ticks.empty() || (step > 1 && count > 1)) epochs.ticks.insert(epochs.ticks.begin(), 1);
  return epochs;
}

}  // namespace alexnet
