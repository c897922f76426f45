#include "report/near_duplicates.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numeric>
#include <optional>

#include "base/parallel.h"

namespace alexnet {
namespace {

constexpr double kNear = 0.08;
constexpr float kMinContrast = 4;

int distance(const Look& a, const Look& b) {
  int sum = 0;
  for (std::size_t i = 0; i < a.levels.size(); ++i)
    sum += std::abs(static_cast<int>(a.levels[i]) - static_cast<int>(b.levels[i]));
  return sum;
}

}  // namespace

Look look_of(const Image& image) {
  Look look;
  const auto part = [](std::int64_t cell, std::int64_t whole) {
    const auto begin = static_cast<int>(cell * whole / Look::kSide);
    return std::pair(begin, std::max(begin + 1, static_cast<int>((cell + 1) * whole / Look::kSide)));
  };
  double sum = 0;
  for (int row = 0; row < Look::kSide; ++row) {
    const auto [top, bottom] = part(row, image.height);
    for (int column = 0; column < Look::kSide; ++column) {
      const auto [left, right] = part(column, image.width);
      std::int64_t total = 0;
      for (int y = top; y < bottom; ++y) {
        const auto begin = (static_cast<std::size_t>(y) * static_cast<std::size_t>(image.width) +
                            static_cast<std::size_t>(left)) *
                           static_cast<std::size_t>(image.channels);
        const auto values = static_cast<std::size_t>(right - left) * static_cast<std::size_t>(image.channels);
        for (std::size_t i = begin; i < begin + values; ++i) total += image.pixels[i];
      }
      const std::int64_t values = std::int64_t{bottom - top} * (right - left) * image.channels;
      const auto level = static_cast<std::uint8_t>((total + values / 2) / values);
      look.levels[static_cast<std::size_t>(row) * Look::kSide + static_cast<std::size_t>(column)] = level;
      sum += level;
    }
  }
  look.mean = static_cast<float>(sum / static_cast<double>(look.levels.size()));
  double away = 0;
  for (const std::uint8_t level : look.levels) away += std::abs(static_cast<float>(level) - look.mean);
  look.contrast = static_cast<float>(away / static_cast<double>(look.levels.size()));
  return look;
}

// Two images differ by at least as much as their means do: of `second`, in the order of the means, only a
// window has to be compared.
std::vector<NearDuplicate> near_duplicates(std::span<const Look> first, std::span<const Look> second) {
  std::vector<std::size_t> order(second.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto mean = [&](std::size_t i) { return second[i].mean; };
  std::ranges::sort(order, {}, mean);
  std::vector<std::optional<NearDuplicate>> found(first.size());
  parallel_for(static_cast<std::int64_t>(first.size()), 64, [&](std::int64_t begin, std::int64_t end) {
    for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(end); ++i) {
      const Look& look = first[i];
      if (look.contrast < kMinContrast) continue;
      const double reach = kNear * look.contrast;
      int nearest = static_cast<int>(reach * static_cast<double>(look.levels.size())) + 1;
      for (auto at = std::ranges::lower_bound(order, look.mean - reach, {}, mean);
           at != order.end() && mean(*at) <= look.mean + reach; ++at) {
        const int difference = distance(look, second[*at]);
        if (difference >= nearest) continue;
        nearest = difference;
        found[i] = {i, *at, difference / (static_cast<double>(look.levels.size()) * look.contrast)};
      }
    }
  });
  std::vector<NearDuplicate> pairs;
  for (const auto& pair : found)
    if (pair) pairs.push_back(*pair);
  std::ranges::stable_sort(pairs, {}, &NearDuplicate::difference);
  return pairs;
}

}  // namespace alexnet
