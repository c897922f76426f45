// Learning curves: two panels, losses left, accuracies right.
#include "charts/curves.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "charts/axis.h"
#include "charts/canvas.h"
#include "fmt/format.h"
#include "text/text.h"

namespace alexnet {
namespace {

struct Extremes {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();
  bool empty() const { return low > high; }
};

Extremes extremes(const std::vector<Series>& series) {
  Extremes result;
  for (const Series& one : series)
    for (const double value : one.values)
      if (std::isfinite(value)) {
        result.low = std::min(result.low, value);
        result.high = std::max(result.high, value);
      }
  return result;
}

Axis loss_axis(const std::vector<Series>& series) {
  const Extremes range = extremes(series);
  if (range.empty()) return linear_axis(0, 1, 0);
  // One bad epoch must not press everything else flat.
  if (range.low > 0 && range.high / range.low > 30) return logarithmic_axis(range.low, range.high);
  return linear_axis(range.low, range.high, 0);
}

Axis accuracy_axis(const std::vector<Series>& series) {
  const Extremes range = extremes(series);
  return range.empty() ? linear_axis(0, 1, 0) : fraction_axis(range.low, range.high);
}

struct Panel {
  double left, top, width, height;
};

struct Chart {
  std::string title;
  const std::vector<Series>& series;
  Axis values;
};

void draw_axes(Canvas& canvas, const Panel& panel, const Chart& chart, const Axis& epochs) {
  const TextStyle marks{.size = 12, .colour = kFaintInk, .anchor = Anchor::kEnd};
  for (std::size_t i = 0; i < chart.values.ticks.size(); ++i) {
    const double tick = chart.values.ticks[i];
    const double y = panel.top + panel.height * (1 - chart.values.position(tick));
    canvas.line(panel.left, y, panel.left + panel.width, y, kGrid);
    const double step = chart.values.logarithmic ? tick : chart.values.ticks[1] - chart.values.ticks[0];
    canvas.text(panel.left - 8, y, tick_text(tick, step), marks);
  }
  TextStyle below = marks;
  below.anchor = Anchor::kMiddle;
  const double bottom = panel.top + panel.height;
  canvas.line(panel.left, bottom, panel.left + panel.width, bottom, kFaintInk);
  for (const double tick : epochs.ticks) {
    const double x = panel.left + panel.width * epochs.position(tick);
    canvas.line(x, bottom, x, bottom + 4, kFaintInk);
    canvas.text(x, bottom + 14, fmt::format("{:.0f}", tick), below);
  }
  canvas.text(panel.left + panel.width / 2, bottom + 34, "epoch", below);
}

void draw_series(Canvas& canvas, const Panel& panel, const Chart& chart, const Axis& epochs,
                 const Series& series, Colour colour) {
  const bool dots = series.values.size() <= 40;
  double last_x = 0, last_y = 0;
  bool connected = false;
  for (std::size_t i = 0; i < series.values.size(); ++i) {
    const double value = series.values[i];
    const bool drawable = std::isfinite(value) && (!chart.values.logarithmic || value > 0);
    const double x = panel.left + panel.width * epochs.position(static_cast<double>(i + 1));
    const double y = drawable ? panel.top + panel.height * (1 - chart.values.position(value)) : 0;
    if (drawable && connected) canvas.line(last_x, last_y, x, y, colour, 2);
    if (drawable && dots) canvas.dot(x, y, 3, colour);
    connected = drawable;
    last_x = x;
    last_y = y;
  }
}

/// Names with their last values, side by side above the panel, on a new line where one is full.
void draw_legend(Canvas& canvas, const Panel& panel, const Chart& chart) {
  const TextStyle style{.size = 12.5};
  double x = panel.left, y = panel.top - 34;
  for (std::size_t i = 0; i < chart.series.size(); ++i) {
    const Series& series = chart.series[i];
    const auto last = std::find_if(series.values.rbegin(), series.values.rend(),
                                   [](double value) { return std::isfinite(value); });
    std::string text = series.name;
    if (last != series.values.rend()) text += fmt::format("  {:.{}f}", *last, std::abs(*last) < 100 ? 3 : 0);
    text = canvas.fitted(text, style, panel.width - 26);
    const double width = 26 + canvas.text_width(text, style);
    if (x > panel.left && x + width > panel.left + panel.width) {
      x = panel.left;
      y += 18;
    }
    const Colour colour = kSeriesColours[i % kSeriesColours.size()];
    canvas.line(x, y, x + 18, y, colour, 2);
    canvas.dot(x + 9, y, 3, colour);
    canvas.text(x + 26, y, text, style);
    x += width + 22;
  }
}

void draw_chart(Canvas& canvas, const Panel& panel, const Chart& chart, std::size_t epoch_count) {
  canvas.text(panel.left, panel.top - 58, chart.title + (chart.values.logarithmic ? " (logarithmic)" : ""),
              {.size = 16, .bold = true});
  const Axis epochs = epoch_axis(epoch_count);
  draw_axes(canvas, panel, chart, epochs);
  // The first series is drawn last, on top.
  for (std::size_t i = chart.series.size(); i-- > 0;)
    draw_series(canvas, panel, chart, epochs, chart.series[i], kSeriesColours[i % kSeriesColours.size()]);
  draw_legend(canvas, panel, chart);
}

}  // namespace

void draw_curves(const std::filesystem::path& png, const std::vector<Series>& losses,
                 const std::vector<Series>& accuracies) {
  std::size_t epochs = 1;
  for (const auto* group : {&losses, &accuracies})
    for (const Series& series : *group) epochs = std::max(epochs, series.values.size());
  Canvas canvas(1120, 480);
  draw_chart(canvas, {68, 96, 460, 324}, {"Loss", losses, loss_axis(losses)}, epochs);
  draw_chart(canvas, {628, 96, 460, 324}, {"Accuracy", accuracies, accuracy_axis(accuracies)}, epochs);
  canvas.save(png);
}

}  // namespace alexnet
