// Compiles winograd_inl.h for every instruction set and chooses at run time.

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/cpu/kernels/simd/winograd_inl.h"
#include <hwy/foreach_target.h>
// The instruction set that the compiler is set to comes last.
#include "engine/cpu/kernels/simd/winograd_inl.h"

namespace alexnet::cpu {

HWY_EXPORT(transform_weights_any);
HWY_EXPORT(restore_weights_any);
HWY_EXPORT(transform_input_any);
HWY_EXPORT(transform_gradient_any);
HWY_EXPORT(restore_output_any);
HWY_EXPORT(multiply_points);
HWY_EXPORT(multiply_gradient_points);
HWY_EXPORT(lanes);

int winograd_lanes() { return HWY_DYNAMIC_DISPATCH(lanes)(); }

void winograd_transform_weights(const UnitStrideShape& shape, const float* w, float* u, std::int64_t begin,
                                std::int64_t end) {
  HWY_DYNAMIC_DISPATCH(transform_weights_any)(shape, w, u, begin, end);
}
void winograd_restore_weights(const UnitStrideShape& shape, const float* u, float* w, std::int64_t begin,
                              std::int64_t end) {
  HWY_DYNAMIC_DISPATCH(restore_weights_any)(shape, u, w, begin, end);
}
void winograd_transform_input(const WinogradBlock& block, const float* x, const float* gate,
                              std::int64_t begin, std::int64_t end) {
  HWY_DYNAMIC_DISPATCH(transform_input_any)(block, x, gate, begin, end);
}
void winograd_transform_gradient(const WinogradBlock& block, const float* dy, const float* gate,
                                 std::int64_t begin, std::int64_t end) {
  HWY_DYNAMIC_DISPATCH(transform_gradient_any)(block, dy, gate, begin, end);
}
void winograd_restore_output(const WinogradBlock& block, const float* bias, bool relu, float* y,
                             std::int64_t begin, std::int64_t end) {
  HWY_DYNAMIC_DISPATCH(restore_output_any)(block, bias, relu, y, begin, end);
}
void winograd_multiply(const WinogradBlock& block, const float* u, std::int64_t begin, std::int64_t end) {
  HWY_DYNAMIC_DISPATCH(multiply_points)(block, u, begin, end);
}
void winograd_multiply_gradient(const WinogradBlock& block, bool accumulate, float* u, float* bias_gradient,
                                std::int64_t begin, std::int64_t end) {
  HWY_DYNAMIC_DISPATCH(multiply_gradient_points)(block, accumulate, u, bias_gradient, begin, end);
}

}  // namespace alexnet::cpu
