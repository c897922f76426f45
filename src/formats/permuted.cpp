#include "formats/permuted.h"

#include <algorithm>
#include <cstddef>

namespace alexnet {

std::vector<float> permuted(std::span<const float> values, const Shape& view,
                            const std::vector<int>& permutation) {
  const std::size_t rank = view.size();
  std::vector<std::size_t> extent(rank), from(rank), to(rank);  // steps of each axis of the result, in both
  std::vector<std::size_t> view_step(rank, 1);
  for (std::size_t i = rank; i-- > 1;) view_step[i - 1] = view_step[i] * static_cast<std::size_t>(view[i]);
  for (std::size_t i = rank; i-- > 0;) {
    const auto axis = static_cast<std::size_t>(permutation[i]);
    extent[i] = static_cast<std::size_t>(view[axis]);
    from[i] = view_step[axis];
    to[i] = i + 1 == rank ? 1 : to[i + 1] * extent[i + 1];
  }
  std::vector<float> result(values.size());
  if (result.empty()) return result;
  // The axis whose values lie side by side in the source, and that of the result: their blocks share lines of
  // the cache. The other axes are counted through.
  constexpr std::size_t kBlock = 64;
  const auto inner = static_cast<std::size_t>(std::ranges::max_element(permutation) - permutation.begin());
  const std::size_t last = rank - 1;
  std::vector<std::size_t> position(rank);
  while (true) {
    std::size_t source = 0, target = 0;
    for (std::size_t i = 0; i < rank; ++i) {
      source += position[i] * from[i];
      target += position[i] * to[i];
    }
    const std::size_t inner_count = inner == last ? 1 : extent[inner];
    for (std::size_t block = 0; block < inner_count; block += kBlock)
      for (std::size_t i = 0; i < extent[last]; ++i)
        for (std::size_t k = block; k < std::min(block + kBlock, inner_count); ++k)
          result[target + i + k * to[inner]] = values[source + i * from[last] + k * from[inner]];
    std::size_t axis = rank;
    while (axis-- > 0) {
      if (axis == last || axis == inner) continue;
      if (++position[axis] < extent[axis]) break;
      position[axis] = 0;
    }
    if (axis >= rank) return result;
  }
}

}  // namespace alexnet
