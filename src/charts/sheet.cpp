// Contact sheets: images with captions in rows.
#include "charts/sheet.h"

#include <algorithm>
#include <cmath>

#include "charts/canvas.h"
#include "text/text.h"

namespace alexnet {
namespace {

constexpr double kMargin = 22;
constexpr double kLine = 16;  // of captions
constexpr TextStyle kTitle{.size = 16, .bold = true};
constexpr TextStyle kSubtitle{.size = 12.5, .colour = kFaintInk};
constexpr TextStyle kCaption{.size = 12};
constexpr TextStyle kFaintCaption{.size = 12, .colour = kFaintInk};

void draw_captioned(Canvas& canvas, double x, double y, double side, const SheetImage& one) {
  const double longest = std::max(one.image.width, one.image.height);
  const double width = side * one.image.width / longest, height = side * one.image.height / longest;
  canvas.draw_image(x + (side - width) / 2, y + (side - height) / 2, width, height, one.image);
  double line = y + side + 12;
  for (std::size_t i = 0; i < one.captions.size(); ++i, line += kLine) {
    const TextStyle& style = i == 0 ? kCaption : kFaintCaption;
    canvas.text(x, line, canvas.fitted(one.captions[i], style, side), style);
  }
}

Canvas drawn(const Sheet& sheet) {
  const std::size_t count = sheet.images.size();
  const std::size_t across =
      std::clamp<std::size_t>(count, 1, static_cast<std::size_t>(std::max(sheet.across, 1)));
  std::size_t lines = 0;
  for (const SheetImage& one : sheet.images) lines = std::max(lines, one.captions.size());
  const double row = sheet.side + sheet.gap + (lines > 0 ? 6 + kLine * static_cast<double>(lines) : 0);
  const double column = sheet.side + sheet.gap;
  const double head = kMargin + (sheet.title.empty() ? 0 : 26) + (sheet.subtitle.empty() ? 0 : 20);

  Canvas ruler(1, 1);
  double width = 2 * kMargin - sheet.gap + column * static_cast<double>(across);
  width = std::max({width, 2 * kMargin + ruler.text_width(sheet.title, kTitle),
                    2 * kMargin + ruler.text_width(sheet.subtitle, kSubtitle)});
  const double rows = std::ceil(static_cast<double>(count) / static_cast<double>(across));
  Canvas canvas(width, head + rows * row - sheet.gap + kMargin);
  if (!sheet.title.empty()) canvas.text(kMargin, kMargin + 6, sheet.title, kTitle);
  if (!sheet.subtitle.empty()) canvas.text(kMargin, head - 14, sheet.subtitle, kSubtitle);
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t above = i / across, before = i % across;
    draw_captioned(canvas, kMargin + column * static_cast<double>(before),
                   head + row * static_cast<double>(above), sheet.side, sheet.images[i]);
  }
  return canvas;
}

}  // namespace

void draw_sheet(const std::filesystem::path& png, const Sheet& sheet) { drawn(sheet).save(png); }

SheetFile sheet_file(const Sheet& sheet) {
  Canvas canvas = drawn(sheet);
  return {canvas.pixels_across(), canvas.pixels_down(), canvas.png()};
}

}  // namespace alexnet
