// How the values of a large tensor are distributed, in one pass over it.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace alexnet {

/// Bucket i holds the values from limits[i - 1] (the first: from `min`) to below limits[i]; none is left
/// out.
struct Histogram {
  double min = 0, max = 0, count = 0, sum = 0, sum_of_squares = 0;
  std::vector<double> limits, counts;
};

/// Four buckets for each doubling, on either side of zero: the exponent and the first two bits of the
/// mantissa say which, so that a value costs a shift and an addition. Magnitudes below 1/4096 of the greatest
/// share the bucket around zero. Values that are not finite are left out, and `padding` zeros are not
/// counted.
Histogram histogram(std::span<const float> values, std::size_t padding = 0);

}  // namespace alexnet
