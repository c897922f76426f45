// Images as text.
#include "console/image_text.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

#include "console/terminal.h"
#include "fmt/format.h"

namespace alexnet::cli {
namespace {

struct Gray {
  int width = 0, height = 0;
  std::vector<int> pixels;
  int at(int x, int y) const { return pixels[static_cast<std::size_t>(y) * width + x]; }
};

/// Scales to `width` columns by averaging over areas, the height alike and even.
Gray fitted(std::span<const std::uint8_t> gray, int width, int height, int columns) {
  Gray result;
  result.width = std::min(width, columns);
  const double scale = static_cast<double>(width) / result.width;
  result.height = std::max(1, static_cast<int>(std::lround(height / scale)) + 1) / 2 * 2;
  const double down = static_cast<double>(height) / result.height;
  for (int y = 0; y < result.height; ++y)
    for (int x = 0; x < result.width; ++x) {
      const double left = x * scale, right = left + scale, top = y * down, bottom = top + down;
      double sum = 0, area = 0;
      for (int v = static_cast<int>(top); v < std::min<double>(bottom, height); ++v)
        for (int u = static_cast<int>(left); u < std::min<double>(right, width); ++u) {
          const double covered = (std::min(right, u + 1.0) - std::max<double>(left, u)) *
                                 (std::min(bottom, v + 1.0) - std::max<double>(top, v));
          sum += covered * gray[static_cast<std::size_t>(v) * static_cast<std::size_t>(width) + u];
          area += covered;
        }
      result.pixels.push_back(static_cast<int>(area > 0 ? std::lround(sum / area) : 0));
    }
  return result;
}

/// The colour of a gray level as a terminal takes it after "38;" or "48;".
std::string colour(int level, Colours colours) {
  if (colours == Colours::kMillions) return fmt::format("2;{0};{0};{0}", level);
  // 16 is black, 231 white, 232..255 are 8, 18, ..., 238.
  const int step = (level + 2) / 10;
  return fmt::format("5;{}", step == 0 ? 16 : step > 24 ? 231 : 231 + step);
}

}  // namespace

std::vector<std::string> image_text(std::span<const std::uint8_t> gray, int width, int height, int columns,
                                    Colours colours) {
  if (width < 1 || height < 1 || columns < 1) return {};
  static constexpr std::string_view kRamp = " .:-=+*#%@";
  const Gray image = fitted(gray, width, height, columns);
  std::vector<std::string> lines;
  for (int y = 0; y < image.height; y += 2) {
    std::string line;
    for (int x = 0; x < image.width; ++x) {
      const int upper = image.at(x, y), lower = image.at(x, y + 1);
      if (colours == Colours::kNone)
        line += kRamp[static_cast<std::size_t>((upper + lower) / 2) * kRamp.size() / 256];
      else
        line += fmt::format("\x1b[38;{};48;{}m▀", colour(upper, colours), colour(lower, colours));
    }
    if (colours != Colours::kNone) line += "\x1b[0m";
    lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace alexnet::cli
