#include "tensor/finite.h"

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstdint>

#include "base/parallel.h"

namespace alexnet {
namespace {

/// Adding one to an exponent of all ones (NaN, infinity) carries into the sign bit; any other number's does
/// not. So the sums can be or-ed together, without a branch per value.
/// A fixed count lets the compiler use vectors at any level of optimisation.
template <std::int64_t count>
std::uint32_t carries(const float* values) {
  std::uint32_t sum = 0;
  for (std::int64_t i = 0; i < count; ++i)
    sum |= (std::bit_cast<std::uint32_t>(values[i]) & 0x7fffffffU) + 0x00800000U;
  return sum;
}

}  // namespace

bool all_finite(std::span<const float> values) {
  constexpr std::int64_t kBlock = 4096;
  const auto count = static_cast<std::int64_t>(values.size());
  const std::int64_t blocks = count / kBlock;
  std::atomic<std::uint32_t> sum = 0;
  parallel_for(blocks, 16, [&](std::int64_t begin, std::int64_t end) {
    std::uint32_t mine = 0;
    for (std::int64_t block = begin; block < end; ++block)
      mine |= carries<kBlock>(values.data() + block * kBlock);
    sum |= mine;
  });
  for (std::int64_t i = blocks * kBlock; i < count; ++i) sum |= carries<1>(values.data() + i);
  return (sum & 0x80000000U) == 0;
}

}  // namespace alexnet
