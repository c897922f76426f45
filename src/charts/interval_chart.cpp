#include "charts/interval_chart.h"

#include <algorithm>
#include <cmath>

#include "charts/axis.h"
#include "charts/canvas.h"

namespace alexnet {
namespace {

constexpr double kWidth = 1100, kMargin = 28, kTop = 96, kRow = 46, kBottom = 62;
constexpr double kMaxNames = 400, kMaxValues = 320;  // room beside the plot, where it is needed
constexpr double kBeforePlot = 24, kBehindPlot = 30, kEdge = 12;
constexpr Colour kSure = kSeriesColours[0];
constexpr Colour kUnsure{0.55, 0.58, 0.62};

constexpr TextStyle kNameStyle{.size = 13.5}, kNoteStyle{.size = 11, .colour = kFaintInk};
constexpr TextStyle kValueStyle{.size = 12.5};

/// The values' axis, and where the plot begins and ends: texts beside it are cut only where they are long.
struct Plot {
  Axis axis;
  double left, right;

  double across(double value) const { return left + (right - left) * axis.position(value); }
};

Axis axis_of(const IntervalChart& chart) {
  double low = 0, high = 0;
  for (const IntervalRow& row : chart.rows) {
    std::vector<double> all = row.values;
    all.insert(all.end(), {row.mean, row.low, row.high});
    for (const double value : all)
      if (std::isfinite(value)) {
        low = std::min(low, value);
        high = std::max(high, value);
      }
  }
  return linear_axis(low, high, 0);
}

std::string signed_tick(double tick, double step) {
  if (std::abs(tick) < step * 1e-6) return "0";
  return (tick > 0 ? "+" : "") + tick_text(tick, step);
}

Plot plot_of(Canvas& canvas, const IntervalChart& chart) {
  double names = 0, values = 0;
  for (const IntervalRow& row : chart.rows) {
    names =
        std::max({names, canvas.text_width(row.name, kNameStyle), canvas.text_width(row.note, kNoteStyle)});
    values = std::max(values, canvas.text_width(row.value, kValueStyle));
  }
  return {.axis = axis_of(chart),
          .left = kMargin + std::min(std::ceil(names), kMaxNames) + kBeforePlot,
          .right = kWidth - kEdge - std::min(std::ceil(values), kMaxValues) - kBehindPlot};
}

void draw_frame(Canvas& canvas, const IntervalChart& chart, const Plot& plot) {
  const double bottom = kTop + kRow * static_cast<double>(chart.rows.size());
  canvas.text(kMargin, 34, chart.title, {.size = 16, .bold = true});
  const TextStyle faint{.size = 12, .colour = kFaintInk};
  canvas.text(kMargin, 60, canvas.fitted(chart.subtitle, faint, kWidth - 2 * kMargin), faint);
  TextStyle marks = faint;
  marks.anchor = Anchor::kMiddle;
  for (const double tick : plot.axis.ticks) {
    const double x = plot.across(tick);
    canvas.line(x, kTop, x, bottom, kGrid);
    canvas.text(x, bottom + 16, signed_tick(tick, plot.axis.ticks[1] - plot.axis.ticks[0]), marks);
  }
  const double zero = plot.across(0);
  canvas.line(zero, kTop - 6, zero, bottom + 4, kInk, 1.5);
  canvas.text((plot.left + plot.right) / 2, bottom + 40, chart.below, marks);
}

void draw_row(Canvas& canvas, const IntervalRow& row, const Plot& plot, double y) {
  const double room = plot.left - kMargin - kBeforePlot;
  canvas.text(kMargin, row.note.empty() ? y : y - 8, canvas.fitted(row.name, kNameStyle, room), kNameStyle);
  if (!row.note.empty()) canvas.text(kMargin, y + 9, canvas.fitted(row.note, kNoteStyle, room), kNoteStyle);
  const bool sure = row.low > 0 || row.high < 0 || (row.at_least && row.mean > 0);
  const Colour colour = sure ? kSure : kUnsure;
  if (row.at_least && std::isfinite(row.mean)) {
    canvas.line(plot.across(row.mean), y, plot.right + 8, y, colour, 3);
    const std::pair<double, double> head[] = {
        {plot.right + 18, y}, {plot.right + 7, y - 6}, {plot.right + 7, y + 6}};
    canvas.area(head, colour, 1);
  } else if (std::isfinite(row.low)) {
    canvas.line(plot.across(row.low), y, plot.across(row.high), y, colour, 3);
  }
  for (const double value : row.values) {
    canvas.dot(plot.across(value), y, 4.5, kWhite);
    canvas.dot(plot.across(value), y, 3.2,
               {(1 + colour.red) / 2, (1 + colour.green) / 2, (1 + colour.blue) / 2});
  }
  if (std::isfinite(row.mean)) canvas.dot(plot.across(row.mean), y, 5.5, colour);
  TextStyle style = kValueStyle;
  style.colour = sure ? kInk : kFaintInk;
  canvas.text(plot.right + kBehindPlot, y,
              canvas.fitted(row.value, style, kWidth - kEdge - plot.right - kBehindPlot), style);
}

}  // namespace

void draw_intervals(const std::filesystem::path& png, const IntervalChart& chart) {
  Canvas canvas(kWidth, kTop + kRow * static_cast<double>(chart.rows.size()) + kBottom);
  const Plot plot = plot_of(canvas, chart);
  draw_frame(canvas, chart, plot);
  double y = kTop + kRow / 2;
  for (const IntervalRow& row : chart.rows) {
    draw_row(canvas, row, plot, y);
    y += kRow;
  }
  canvas.save(png);
}

}  // namespace alexnet
