#include "observe/interval_chart.h"

#include <algorithm>
#include <cmath>

#include "observe/axis.h"
#include "observe/canvas.h"

namespace alexnet {
namespace {

constexpr double kWidth = 1000, kMargin = 28, kTop = 96, kRow = 46, kBottom = 62;
constexpr double kLeft = 330, kRight = 720;  // of the plot
constexpr Colour kSure = kSeriesColours[0];
constexpr Colour kUnsure{0.55, 0.58, 0.62};

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

double across(const Axis& axis, double value) { return kLeft + (kRight - kLeft) * axis.position(value); }

void draw_frame(Canvas& canvas, const IntervalChart& chart, const Axis& axis) {
  const double bottom = kTop + kRow * static_cast<double>(chart.rows.size());
  canvas.text(kMargin, 34, chart.title, {.size = 16, .bold = true});
  const TextStyle faint{.size = 12, .colour = kFaintInk};
  canvas.text(kMargin, 60, canvas.fitted(chart.subtitle, faint, kWidth - 2 * kMargin), faint);
  TextStyle marks = faint;
  marks.anchor = Anchor::kMiddle;
  for (const double tick : axis.ticks) {
    const double x = across(axis, tick);
    canvas.line(x, kTop, x, bottom, kGrid);
    canvas.text(x, bottom + 16, signed_tick(tick, axis.ticks[1] - axis.ticks[0]), marks);
  }
  const double zero = across(axis, 0);
  canvas.line(zero, kTop - 6, zero, bottom + 4, kInk, 1.5);
  canvas.text((kLeft + kRight) / 2, bottom + 40, chart.below, marks);
}

void draw_row(Canvas& canvas, const IntervalRow& row, const Axis& axis, double y) {
  const TextStyle name{.size = 13.5}, note{.size = 11, .colour = kFaintInk};
  const double room = kLeft - kMargin - 24;
  canvas.text(kMargin, row.note.empty() ? y : y - 8, canvas.fitted(row.name, name, room), name);
  if (!row.note.empty()) canvas.text(kMargin, y + 9, canvas.fitted(row.note, note, room), note);
  const bool sure = row.low > 0 || row.high < 0 || (row.at_least && row.mean > 0);
  const Colour colour = sure ? kSure : kUnsure;
  if (row.at_least && std::isfinite(row.mean)) {
    canvas.line(across(axis, row.mean), y, kRight + 8, y, colour, 3);
    const std::pair<double, double> head[] = {{kRight + 18, y}, {kRight + 7, y - 6}, {kRight + 7, y + 6}};
    canvas.area(head, colour, 1);
  } else if (std::isfinite(row.low)) {
    canvas.line(across(axis, row.low), y, across(axis, row.high), y, colour, 3);
  }
  for (const double value : row.values) {
    canvas.dot(across(axis, value), y, 4.5, kWhite);
    canvas.dot(across(axis, value), y, 3.2,
               {(1 + colour.red) / 2, (1 + colour.green) / 2, (1 + colour.blue) / 2});
  }
  if (std::isfinite(row.mean)) canvas.dot(across(axis, row.mean), y, 5.5, colour);
  const TextStyle figure{.size = 12.5, .colour = sure ? kInk : kFaintInk};
  canvas.text(kRight + 30, y, canvas.fitted(row.figure, figure, kWidth - kRight - 30 - 12), figure);
}

}  // namespace

void draw_intervals(const std::filesystem::path& png, const IntervalChart& chart) {
  Canvas canvas(kWidth, kTop + kRow * static_cast<double>(chart.rows.size()) + kBottom);
  const Axis axis = axis_of(chart);
  draw_frame(canvas, chart, axis);
  double y = kTop + kRow / 2;
  for (const IntervalRow& row : chart.rows) {
    draw_row(canvas, row, axis, y);
    y += kRow;
  }
  canvas.save(png);
}

}  // namespace alexnet
