// Compiles elementwise_inl.h for every instruction set and chooses at run time.
#include "engine/cpu/kernels/simd/elementwise.h"

#include "base/parallel.h"
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/cpu/kernels/simd/elementwise_inl.h"
#include <hwy/foreach_target.h>
// The instruction set that the compiler is set to comes last.
#include "engine/cpu/kernels/simd/elementwise_inl.h"

namespace alexnet::cpu {

HWY_EXPORT(map_relu);
HWY_EXPORT(map_tanh);
HWY_EXPORT(map_sigmoid);
HWY_EXPORT(map_relu_gradient);
HWY_EXPORT(map_tanh_gradient);
HWY_EXPORT(map_sigmoid_gradient);

namespace {

constexpr std::int64_t kGrain = 1 << 14;  // values worth a thread

/// Calls run(first value, count) for the parts of a run of values, in parallel.
template <class Run>
void in_parts(std::size_t count, Run&& run) {
  parallel_for(static_cast<std::int64_t>(count), kGrain, [&](std::int64_t begin, std::int64_t end) {
    run(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin));
  });
}

}  // namespace

void mask_relu(const float* output, float* gradient, std::size_t count) {
  relu_gradient(output, gradient, gradient, count);
}
void relu(const float* x, float* y, std::size_t count) {
  in_parts(count, [&](std::size_t i, std::size_t n) { HWY_DYNAMIC_DISPATCH(map_relu)(x + i, y + i, n); });
}
void tanh(const float* x, float* y, std::size_t count) {
  in_parts(count, [&](std::size_t i, std::size_t n) { HWY_DYNAMIC_DISPATCH(map_tanh)(x + i, y + i, n); });
}
void sigmoid(const float* x, float* y, std::size_t count) {
  in_parts(count, [&](std::size_t i, std::size_t n) { HWY_DYNAMIC_DISPATCH(map_sigmoid)(x + i, y + i, n); });
}
void relu_gradient(const float* y, const float* dy, float* dx, std::size_t count) {
  in_parts(count, [&](std::size_t i, std::size_t n) {
    HWY_DYNAMIC_DISPATCH(map_relu_gradient)(y + i, dy + i, dx + i, n);
  });
}
void tanh_gradient(const float* y, const float* dy, float* dx, std::size_t count) {
  in_parts(count, [&](std::size_t i, std::size_t n) {
    HWY_DYNAMIC_DISPATCH(map_tanh_gradient)(y + i, dy + i, dx + i, n);
  });
}
void sigmoid_gradient(const float* y, const float* dy, float* dx, std::size_t count) {
  in_parts(count, [&](std::size_t i, std::size_t n) {
    HWY_DYNAMIC_DISPATCH(map_sigmoid_gradient)(y + i, dy + i, dx + i, n);
  });
}

}  // namespace alexnet::cpu
