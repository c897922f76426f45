// Maps over images.
#include "charts/heat.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace alexnet {
namespace {

using Rgb = std::array<double, 3>;

/// Fraction of the map's values that get the full colour.
constexpr double kFull = 0.01;
constexpr double kStrongest = 0.85;  // how much of the image the full colour hides

constexpr std::array<Rgb, 3> kFor = {Rgb{120, 0, 20}, Rgb{235, 50, 20}, Rgb{255, 225, 60}};
constexpr std::array<Rgb, 3> kAgainst = {Rgb{10, 20, 110}, Rgb{30, 90, 225}, Rgb{90, 225, 255}};

/// The value of the map at a place of the image, between the middles of its cells bilinear.
class Surface {
 public:
  Surface(std::span<const float> map, int rows, int columns) : map_(map), rows_(rows), columns_(columns) {}

  double at(double row, double column) const {
    const Place down = place(row, rows_), across = place(column, columns_);
    const double above =
        mix(value(down.first, across.first), value(down.first, across.next), across.fraction);
    const double below = mix(value(down.next, across.first), value(down.next, across.next), across.fraction);
    return mix(above, below, down.fraction);
  }

  /// What only the fraction kFull of the values is stronger than; 0 for a map of zeros.
  double strength() const {
    std::vector<float> strengths;
    for (const float v : map_)
      if (v != 0.0F && std::isfinite(v)) strengths.push_back(std::abs(v));
    if (strengths.empty()) return 0;
    const auto place = strengths.begin() +
                       static_cast<std::ptrdiff_t>((1 - kFull) * static_cast<double>(strengths.size() - 1));
    std::ranges::nth_element(strengths, place);
    return *place;
  }

 private:
  struct Place {
    int first, next;
    double fraction;
  };
  /// `fraction` of the whole side is how far the place lies.
  static Place place(double fraction, int cells) {
    const double at = std::clamp(fraction * cells - 0.5, 0.0, cells - 1.0);
    const int first = static_cast<int>(at);
    return {first, std::min(first + 1, cells - 1), at - first};
  }
  static double mix(double a, double b, double fraction) { return a + (b - a) * fraction; }
  double value(int row, int column) const {
    return map_[static_cast<std::size_t>(row) * static_cast<std::size_t>(columns_) +
                static_cast<std::size_t>(column)];
  }

  std::span<const float> map_;
  int rows_, columns_;
};

Rgb colour(const std::array<Rgb, 3>& stops, double fraction) {
  const double at = fraction * 2;
  const std::size_t first = at < 1 ? 0 : 1;
  const double part = at - static_cast<double>(first);
  Rgb result;
  for (std::size_t c = 0; c < 3; ++c)
    result[c] = stops[first][c] + part * (stops[first + 1][c] - stops[first][c]);
  return result;
}

/// ITU-R BT.601, as most programs make gray of a colour.
double gray_of(const std::uint8_t* pixel, int channels) {
  return channels == 3 ? 0.299 * pixel[0] + 0.587 * pixel[1] + 0.114 * pixel[2] : pixel[0];
}

}  // namespace

Image heat_image(const Image& image, std::span<const float> map, int rows, int columns) {
  const Surface surface(map, rows, columns);
  const double strength = surface.strength();
  Image result{image.width, image.height, 3, {}};
  result.pixels.reserve(static_cast<std::size_t>(image.width) * static_cast<std::size_t>(image.height) * 3);
  const std::uint8_t* pixel = image.pixels.data();
  for (int y = 0; y < image.height; ++y)
    for (int x = 0; x < image.width; ++x, pixel += image.channels) {
      const double gray = gray_of(pixel, image.channels);
      const double value = surface.at((y + 0.5) / image.height, (x + 0.5) / image.width);
      const double fraction =
          strength > 0 && std::isfinite(value) ? std::min(std::abs(value) / strength, 1.0) : 0;
      const Rgb over = colour(value > 0 ? kFor : kAgainst, fraction);
      const double cover = kStrongest * std::sqrt(fraction);
      for (const double part : over)
        result.pixels.push_back(static_cast<std::uint8_t>(std::lround(gray + (part - gray) * cover)));
    }
  return result;
}

}  // namespace alexnet
