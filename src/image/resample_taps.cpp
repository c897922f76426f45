#include "image/resample_taps.h"

#include <algorithm>
#include <cmath>

namespace alexnet {
namespace {

int nearest(double value) { return static_cast<int>(std::floor(value + 0.5)); }

}  // namespace

void Taps::compute(int from, int to, int begin, int number) {
  count = number;
  first.resize(static_cast<std::size_t>(number));
  length.resize(static_cast<std::size_t>(number));
  if (from == to) {
    stride = 1;
    weights.assign(static_cast<std::size_t>(number), 1 << kWeightBits);
    for (int i = 0; i < number; ++i) first[i] = begin + i;
    std::ranges::fill(length, 1);
    return;
  }
  const double scale = static_cast<double>(from) / to;
  const double support = std::max(scale, 1.0);  // half the width of the triangle, in source pixels
  stride = 2 * static_cast<int>(std::ceil(support)) + 1;
  weights.assign(static_cast<std::size_t>(number) * static_cast<std::size_t>(stride), 0);
  std::vector<double> exact(static_cast<std::size_t>(stride));
  for (int i = 0; i < number; ++i) {
    const double center = (begin + i + 0.5) * scale;
    first[i] = std::max(nearest(center - support), 0);
    length[i] = std::min(nearest(center + support), from) - first[i];
    double total = 0;
    for (int j = 0; j < length[i]; ++j) {
      exact[j] = std::max(1.0 - std::abs((j + first[i] - center + 0.5) * (1.0 / support)), 0.0);
      total += exact[j];
    }
    std::int32_t* weight = weights.data() + static_cast<std::ptrdiff_t>(i) * stride;
    for (int j = 0; j < length[i]; ++j) weight[j] = nearest(exact[j] / total * (1 << kWeightBits));
  }
}

}  // namespace alexnet
