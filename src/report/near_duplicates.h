// Images that are almost the same, found by how they look from far away.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "alexnet/dataset.h"

namespace alexnet {

/// An image as 16x16 gray levels, each the mean over its part of the image, whatever the image's size.
struct Look {
  static constexpr int kSide = 16;
  std::array<std::uint8_t, std::size_t{kSide} * kSide> levels{};
  float mean = 0;
  /// Mean distance of the levels from their mean.
  float contrast = 0;
};
Look look_of(const Image& image);

struct NearDuplicate {
  std::size_t first = 0, second = 0;  // into the two lists
  double difference = 0;              // mean distance of the levels, as a fraction of the contrast
};

/// Pairs whose levels differ by less than 8 % of the first one's contrast on average, the likest first; of
/// each in `first` the likest in `second` only. Rescaled and recompressed copies are found,
/// mirrored and cropped ones are not; images of next to no contrast are left out.
std::vector<NearDuplicate> near_duplicates(std::span<const Look> first, std::span<const Look> second);

}  // namespace alexnet
