#include "engine/cpu/convolution/unit_stride_algorithm.h"

#include "base/parallel.h"

namespace alexnet::cpu {

void rotate_weights(const UnitStrideShape& shape, const float* weights, float* rotated) {
  const std::int64_t taps = shape.kernel * shape.kernel, in = shape.in, out = shape.out;
  constexpr std::int64_t kSide = 16;
  parallel_for(taps * (in / kSide), 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t job = begin; job < end; ++job) {
      const std::int64_t tap = job / (in / kSide), i0 = job % (in / kSide) * kSide;
      const float* from = weights + tap * in * out;
      float* to = rotated + (taps - 1 - tap) * in * out;
      for (std::int64_t o0 = 0; o0 < out; o0 += kSide)
        for (std::int64_t o = o0; o < o0 + kSide; ++o)
          for (std::int64_t i = i0; i < i0 + kSide; ++i) to[o * in + i] = from[i * out + o];
    }
  });
}

}  // namespace alexnet::cpu
