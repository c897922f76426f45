#include "charts/band_chart.h"

#include <algorithm>
#include <cmath>

#include "charts/axis.h"
#include "charts/canvas.h"
#include "fmt/format.h"

namespace alexnet {
namespace {

constexpr Colour kBase{0.45, 0.47, 0.50};
constexpr double kMargin = 28, kHead = 84;

struct Panel {
  double left, top, width, height;
};

/// Where the small charts stand.
struct Grid {
  std::size_t across, down;
  double width, height;  // of a chart with its marks and name
  explicit Grid(std::size_t charts)
      : across(charts <= 4             ? charts
               : (charts + 1) / 2 <= 4 ? (charts + 1) / 2
                                       : 4),
        down((charts + across - 1) / across),
        width(charts == 1   ? 620
              : charts == 2 ? 480
                            : 300),
        height(charts == 1   ? 400
               : charts == 2 ? 340
                             : 250) {}
  Panel panel(std::size_t i) const {
    const auto row = i / across, column = i % across;
    const double left = kMargin + width * static_cast<double>(column);
    const double top = kHead + height * static_cast<double>(row);
    return {left + 40, top + 30, width - 66, height - 86};
  }
};

Axis axis_of(const BandChart& chart) {
  double low = 1, high = 0;
  const auto take = [&](const std::vector<double>& values) {
    for (const double value : values)
      if (std::isfinite(value)) {
        low = std::min(low, value);
        high = std::max(high, value);
      }
  };
  std::vector<Band> all = chart.others;
  all.push_back(chart.base);
  for (const Band& band : all)
    for (const auto* values : {&band.mean, &band.low, &band.high}) take(*values);
  if (chart.mark) take({*chart.mark});
  return low > high ? fraction_axis(0, 1) : fraction_axis(low, high);
}

struct Axes {
  Axis epochs, values;
  Panel panel;
  double x(std::size_t epoch) const {
    return panel.left + panel.width * epochs.position(static_cast<double>(epoch + 1));
  }
  double y(double value) const { return panel.top + panel.height * (1 - values.position(value)); }
};

void draw_axes(Canvas& canvas, const Axes& axes, const std::optional<double>& mark) {
  const Panel& panel = axes.panel;
  const double right = panel.left + panel.width, bottom = panel.top + panel.height;
  TextStyle marks{.size = 11, .colour = kFaintInk, .anchor = Anchor::kEnd};
  for (const double tick : axes.values.ticks) {
    canvas.line(panel.left, axes.y(tick), right, axes.y(tick), kGrid);
    canvas.text(panel.left - 7, axes.y(tick), tick_text(tick, axes.values.ticks[1] - axes.values.ticks[0]),
                marks);
  }
  canvas.line(panel.left, bottom, right, bottom, kFaintInk);
  marks.anchor = Anchor::kMiddle;
  for (const double tick : axes.epochs.ticks) {
    const double x = panel.left + panel.width * axes.epochs.position(tick);
    canvas.line(x, bottom, x, bottom + 4, kFaintInk);
    canvas.text(x, bottom + 14, fmt::format("{:.0f}", tick), marks);
  }
  canvas.text(panel.left + panel.width / 2, bottom + 31, "epoch", marks);
  if (mark) canvas.line(panel.left, axes.y(*mark), right, axes.y(*mark), kInk, 1);
}

void draw_band(Canvas& canvas, const Axes& axes, const Band& band, Colour colour) {
  std::vector<std::pair<double, double>> corners;
  for (std::size_t i = 0; i < band.high.size(); ++i)
    if (std::isfinite(band.high[i])) corners.emplace_back(axes.x(i), axes.y(band.high[i]));
  for (std::size_t i = band.low.size(); i-- > 0;)
    if (std::isfinite(band.low[i])) corners.emplace_back(axes.x(i), axes.y(band.low[i]));
  if (!corners.empty()) canvas.area(corners, colour, 0.22);
  for (std::size_t i = 1; i < band.mean.size(); ++i)
    if (std::isfinite(band.mean[i - 1]) && std::isfinite(band.mean[i]))
      canvas.line(axes.x(i - 1), axes.y(band.mean[i - 1]), axes.x(i), axes.y(band.mean[i]), colour, 2);
  if (band.mean.size() == 1 && std::isfinite(band.mean[0]))
    canvas.dot(axes.x(0), axes.y(band.mean[0]), 3, colour);
}

void draw_name(Canvas& canvas, const Panel& panel, const Band& band, Colour colour) {
  const TextStyle name{.size = 13, .colour = colour, .bold = true};
  const TextStyle number{.size = 12, .colour = colour, .anchor = Anchor::kEnd};
  const auto last =
      std::find_if(band.mean.rbegin(), band.mean.rend(), [](double value) { return std::isfinite(value); });
  const std::string value = last == band.mean.rend() ? "" : fmt::format("{:.3f}", *last);
  const double room = panel.width - canvas.text_width(value, number) - 10;
  canvas.text(panel.left, panel.top - 15, canvas.fitted(band.name, name, room), name);
  canvas.text(panel.left + panel.width, panel.top - 15, value, number);
}

}  // namespace

void draw_bands(const std::filesystem::path& png, const BandChart& chart) {
  const Grid grid(std::max<std::size_t>(1, chart.others.size()));
  const double width = std::max(620.0, grid.width * static_cast<double>(grid.across)) + 2 * kMargin;
  Canvas canvas(width, kHead + grid.height * static_cast<double>(grid.down) + 12);
  canvas.text(kMargin, 32, chart.title, {.size = 16, .bold = true});
  const TextStyle faint{.size = 12, .colour = kFaintInk};
  canvas.text(kMargin, 56, canvas.fitted(chart.subtitle, faint, width - 2 * kMargin), faint);
  std::size_t epochs = chart.base.mean.size();
  for (const Band& band : chart.others) epochs = std::max(epochs, band.mean.size());
  const Axis values = axis_of(chart);
  for (std::size_t i = 0; i < chart.others.size(); ++i) {
    const Panel panel = grid.panel(i);
    const Axes axes{epoch_axis(std::max<std::size_t>(1, epochs), panel.width), values, panel};
    const Colour colour =
        kSeriesColours[i % (kSeriesColours.size() - 1)];  // the last is gray, as the base is
    draw_axes(canvas, axes, chart.mark);
    draw_band(canvas, axes, chart.base, kBase);
    draw_band(canvas, axes, chart.others[i], colour);
    draw_name(canvas, panel, chart.others[i], colour);
  }
  canvas.save(png);
}

}  // namespace alexnet
