#include "image/resample_taps.h"

#include <algorithm>
#include <cmath>

namespace alexnet {
namespace {

int nearest(double value) { return static_cast<int>(std::floor(value + 0.5)); }

/// Halves away from 0.
std::int32_t to_fixed_point(double weight) {
  const double units = weight * (1 << kWeightBits);
  return units < 0 ? -nearest(-units) : nearest(units);
}

double triangle(double x) { return std::max(1.0 - std::abs(x), 0.0); }

/// Keys' cubic convolution.
double cubic(double x, double a) {
  x = std::abs(x);
  if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
  if (x < 2) return (((x - 5) * x + 8) * x - 4) * a;
  return 0;
}

constexpr double kSmoothCubic = -0.5,  // Pillow's
    kSharpCubic = -0.75;               // OpenCV's, and PyTorch's where it does not antialias

}  // namespace

/// Each pixel is one of the source.
void Taps::take_pixels(int number) {
  stride = 1;
  weights.assign(static_cast<std::size_t>(number), 1 << kWeightBits);
  std::ranges::fill(length, 1);
}

void Taps::compute(int from, int to, int begin, int number, const Filter& filter) {
  count = number;
  first.resize(static_cast<std::size_t>(number));
  length.resize(static_cast<std::size_t>(number));
  is_same_size_ = from == to;
  if (is_same_size_) {
    take_pixels(number);
    for (int i = 0; i < number; ++i) first[i] = begin + i;
    return;
  }
  const double scale = static_cast<double>(from) / to;
  if (filter.interpolation == Interpolation::kNearest) {
    take_pixels(number);
    for (int i = 0; i < number; ++i)
      first[i] = std::min(static_cast<int>((begin + i + 0.5) * scale), from - 1);
    return;
  }
  const bool is_cubic = filter.interpolation == Interpolation::kBicubic;
  const double width =
      filter.antialias ? std::max(scale, 1.0) : 1.0;  // of the filter's unit, in source pixels
  const double support = is_cubic ? 2 * width : width;
  const double a = filter.antialias ? kSmoothCubic : kSharpCubic;
  stride = 2 * static_cast<int>(std::ceil(support)) + 1;
  weights.assign(static_cast<std::size_t>(number) * static_cast<std::size_t>(stride), 0);
  std::vector<double> exact(static_cast<std::size_t>(stride));
  for (int i = 0; i < number; ++i) {
    const double center = (begin + i + 0.5) * scale;
    const int low = nearest(center - support), high = nearest(center + support);
    first[i] = std::max(low, 0);
    length[i] = std::min(high, from) - first[i];
    const auto weigh = [&](int pixel) {
      const double x = (pixel - center + 0.5) * (1.0 / width);
      return is_cubic ? cubic(x, a) : triangle(x);
    };
    double total = 0;
    for (int j = 0; j < length[i]; ++j) {
      exact[j] = weigh(j + first[i]);
      total += exact[j];
    }
    if (!filter.antialias) {
      // What would lie beyond the border is the pixel at the border. Antialiased, it is left out.
      for (int pixel = low; pixel < 0; ++pixel) exact[0] += weigh(pixel);
      for (int pixel = from; pixel < high; ++pixel) exact[length[i] - 1] += weigh(pixel);
      total = 1;
    }
    std::int32_t* weight = weights.data() + static_cast<std::ptrdiff_t>(i) * stride;
    for (int j = 0; j < length[i]; ++j) weight[j] = to_fixed_point(exact[j] / total);
  }
}

}  // namespace alexnet
