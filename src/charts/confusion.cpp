#include "charts/confusion.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "charts/canvas.h"
#include "fmt/format.h"
#include "text/confusion.h"

namespace alexnet {
namespace {

/// White to deep blue; a fraction of a tenth can already be distinguished from none.
Colour shade(double fraction) {
  struct Stop {
    double fraction;
    Colour colour;
  };
  static constexpr std::array kStops = {Stop{0.0, {1, 1, 1}}, Stop{0.1, {0.82, 0.89, 0.95}},
                                        Stop{0.4, {0.42, 0.68, 0.84}}, Stop{0.75, {0.13, 0.44, 0.71}},
                                        Stop{1.0, {0.03, 0.19, 0.42}}};
  std::size_t next = 1;
  while (next + 1 < kStops.size() && fraction > kStops[next].fraction) ++next;
  const Stop &a = kStops[next - 1], &b = kStops[next];
  const double part = std::clamp((fraction - a.fraction) / (b.fraction - a.fraction), 0.0, 1.0);
  return {a.colour.red + part * (b.colour.red - a.colour.red),
          a.colour.green + part * (b.colour.green - a.colour.green),
          a.colour.blue + part * (b.colour.blue - a.colour.blue)};
}

/// Up to this many classes the cells carry their counts.
constexpr std::size_t kCountedClasses = 20;
/// Cells across an image. More would be larger than screens, and in the end than images can be.
constexpr std::size_t kMaxCells = 1000;
constexpr double kLongestLabel = 170;

/// Measures of the image for a number of classes.
struct Layout {
  double cell = 0;
  std::size_t label_every = 1;  // where not every class has room for its name
  TextStyle names, counts;
  double left = 0, top = 0, side = 0;
};

Layout layout(Canvas& ruler, const std::vector<std::string>& classes, const ConfusionCounts& counts) {
  Layout result;
  const std::size_t n = classes.size();
  result.names.size = n <= kCountedClasses ? 13 : 10.5;
  result.counts = {.size = 12.5, .anchor = Anchor::kMiddle};
  const double widest_count = ruler.text_width(fmt::format("{}", counts.max()), result.counts);
  result.cell = n <= kCountedClasses ? std::max({46.0, 420.0 / static_cast<double>(n), widest_count + 12})
                                     : std::max(2.0, std::min(26.0, 1300.0 / static_cast<double>(n)));
  result.label_every = static_cast<std::size_t>(std::ceil((result.names.size + 2) / result.cell));
  double longest = 0;
  for (const std::string& name : classes)
    longest =
        std::max(longest, ruler.text_width(ruler.fitted(name, result.names, kLongestLabel), result.names));
  result.left = 52 + longest;
  result.top = 84 + longest;
  result.side = result.cell * static_cast<double>(n);
  return result;
}

void draw_cells(Canvas& canvas, const Layout& place, const ConfusionCounts& counts, std::size_t n) {
  const double gap = place.cell >= 8 ? 1 : 0;
  canvas.rectangle(place.left - 1, place.top - 1, place.side + 2 - gap, place.side + 2 - gap, kGrid);
  for (std::size_t truth = 0; truth < n; ++truth)
    for (std::size_t predicted = 0; predicted < n; ++predicted) {
      const double x = place.left + place.cell * static_cast<double>(predicted);
      const double y = place.top + place.cell * static_cast<double>(truth);
      const double fraction = counts.fraction(truth, predicted);
      canvas.rectangle(x, y, place.cell - gap, place.cell - gap, shade(fraction));
      if (n > kCountedClasses || counts.at(truth, predicted) == 0) continue;
      TextStyle style = place.counts;
      style.colour = fraction > 0.45 ? kWhite : kInk;
      canvas.text(x + (place.cell - gap) / 2, y + (place.cell - gap) / 2,
                  fmt::format("{}", counts.at(truth, predicted)), style);
    }
}

void draw_names(Canvas& canvas, const Layout& place, const std::vector<std::string>& classes) {
  TextStyle across = place.names, down = place.names;
  across.upwards = true;
  down.anchor = Anchor::kEnd;
  for (std::size_t i = 0; i < classes.size(); i += place.label_every) {
    const double middle = place.cell * (static_cast<double>(i) + 0.5);
    const std::string name = canvas.fitted(classes[i], place.names, kLongestLabel);
    canvas.text(place.left - 8, place.top + middle, name, down);
    canvas.text(place.left + middle, place.top - 8, name, across);
  }
  const double centre = place.side / 2;
  canvas.text(22, place.top + centre, "truth",
              {.size = 13, .colour = kFaintInk, .anchor = Anchor::kMiddle, .upwards = true});
  canvas.text(place.left + centre, 62, "predicted",
              {.size = 13, .colour = kFaintInk, .anchor = Anchor::kMiddle});
}

/// The scale of the colours, right of the matrix.
void draw_scale(Canvas& canvas, const Layout& place) {
  constexpr int kSteps = 100;
  const double x = place.left + place.side + 22, height = std::min(place.side, 320.0);
  for (int i = 0; i < kSteps; ++i)
    canvas.rectangle(x, place.top + height * (1 - (i + 1.0) / kSteps), 14, height / kSteps + 0.5,
                     shade((i + 0.5) / kSteps));
  for (const int percent : {0, 25, 50, 75, 100})
    canvas.text(x + 20, place.top + height * (1 - percent / 100.0), fmt::format("{} %", percent),
                {.size = 11.5, .colour = kFaintInk});
  canvas.text(x + 4, place.top + height + 16, "of the row", {.size = 11.5, .colour = kFaintInk});
}

/// The counts of every `together` neighbouring classes as those of one.
std::vector<std::int64_t> merged(std::size_t classes, std::span<const std::int64_t> counts,
                                 std::size_t together) {
  const std::size_t cells = (classes + together - 1) / together;
  std::vector<std::int64_t> sums(cells * cells);
  for (std::size_t truth = 0; truth < classes; ++truth)
    for (std::size_t predicted = 0; predicted < classes; ++predicted)
      sums[truth / together * cells + predicted / together] += counts[truth * classes + predicted];
  return sums;
}

void draw_matrix(const std::filesystem::path& png, const std::string& title,
                 const std::vector<std::string>& classes, std::span<const std::int64_t> counts) {
  const ConfusionCounts matrix(classes.size(), counts);
  Canvas ruler(1, 1);
  const Layout place = layout(ruler, classes, matrix);
  Canvas canvas(place.left + place.side + 110, std::max(place.top + place.side + 24, 300.0));
  canvas.text(22, 26, title, {.size = 16, .bold = true});
  draw_cells(canvas, place, matrix, classes.size());
  draw_names(canvas, place, classes);
  draw_scale(canvas, place);
  canvas.save(png);
}

}  // namespace

void draw_confusion(const std::filesystem::path& png, const std::vector<std::string>& classes,
                    std::span<const std::int64_t> counts) {
  const std::size_t together = (classes.size() + kMaxCells - 1) / kMaxCells;
  if (together <= 1) return draw_matrix(png, "Confusion matrix", classes, counts);
  std::vector<std::string> first;
  for (std::size_t i = 0; i < classes.size(); i += together) first.push_back(classes[i]);
  draw_matrix(png, fmt::format("Confusion matrix, {} neighbouring classes to a cell", together), first,
              merged(classes.size(), counts, together));
}

}  // namespace alexnet
