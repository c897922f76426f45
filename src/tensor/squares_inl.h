// Sums of squares in vectors, compiled once for each instruction set: of a span, and on the way of who
// changes it.
#include <hwy/highway.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <numeric>

// One copy for each instruction set.
#if defined(ALEXNET_TENSOR_SQUARES_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef ALEXNET_TENSOR_SQUARES_INL_H
#undef ALEXNET_TENSOR_SQUARES_INL_H
#else
#define ALEXNET_TENSOR_SQUARES_INL_H
#endif

HWY_BEFORE_NAMESPACE();
namespace alexnet {
namespace HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

// 16 values at a time, in kParts vectors.
using D = hn::CappedTag<float, 16>;
using V = hn::Vec<D>;
constexpr std::size_t kBlock = 16;
constexpr std::size_t kLanes = hn::MaxLanes(D());
constexpr std::size_t kParts = kBlock / kLanes;
// So many squares are added up as floats before they go into a double: fast, and exact enough.
constexpr std::size_t kRun = 1024;

/// Adds w[i]^2 to 16 sums.
struct Squares {
  V sums[kParts];

  // GCC compiles a constructor that is not spelled out for no instruction set, and ARM's vectors have one,
  // too.
  Squares() { clear(); }
  void clear() {
    for (V& sum : sums) sum = hn::Zero(D());
  }
  void add(std::size_t part, V w) { sums[part] = hn::Add(sums[part], hn::Mul(w, w)); }
  double total() const {
    HWY_ALIGN std::array<float, kBlock> lanes;
    for (std::size_t part = 0; part < kParts; ++part)
      hn::Store(sums[part], D(), lanes.data() + part * kLanes);
    return std::accumulate(lanes.begin(), lanes.end(), 0.0);
  }
};

[[maybe_unused]] double sum_of_squares_any(const float* values, std::size_t count) {
  const D d;
  Squares squares;
  double sum = 0;
  for (std::size_t run = 0; run < count; run += kRun) {
    const std::size_t end = std::min(run + kRun, count);
    squares.clear();
    std::size_t i = run;
    for (; i + kBlock <= end; i += kBlock)
      for (std::size_t part = 0; part < kParts; ++part)
        squares.add(part, hn::LoadU(d, values + i + part * kLanes));
    float rest[kBlock] = {};
    std::copy(values + i, values + end, rest);
    for (std::size_t part = 0; part < kParts; ++part) squares.add(part, hn::LoadU(d, rest + part * kLanes));
    sum += squares.total();
  }
  return sum;
}

}  // namespace
}  // namespace HWY_NAMESPACE
}  // namespace alexnet
HWY_AFTER_NAMESPACE();

#endif
