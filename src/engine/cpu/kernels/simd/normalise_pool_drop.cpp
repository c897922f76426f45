// Compiles normalise_pool_drop_inl.h for every instruction set and chooses at run time.

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/cpu/kernels/simd/normalise_pool_drop_inl.h"
#include <hwy/foreach_target.h>
// The instruction set that the compiler is set to comes last.
#include "engine/cpu/kernels/simd/normalise_pool_drop_inl.h"

namespace alexnet::cpu {

HWY_EXPORT(moments_any);
HWY_EXPORT(forward_any);
HWY_EXPORT(sums_any);
HWY_EXPORT(backward_any);

void channel_moments(int block, const float* x, int images, std::size_t stride, std::size_t pixels,
                     float* mean, float* squares) {
  HWY_DYNAMIC_DISPATCH(moments_any)(block, x, images, stride, pixels, mean, squares);
}
void normalise_pool_drop(int block, const NormalisePoolDropTile& tile) {
  HWY_DYNAMIC_DISPATCH(forward_any)(block, tile);
}
void normalise_pool_drop_sums(int block, const NormalisePoolDropGradientTile& tile, float* sum,
                              float* product) {
  HWY_DYNAMIC_DISPATCH(sums_any)(block, tile, sum, product);
}
void normalise_pool_drop_gradient(int block, const NormalisePoolDropGradientTile& tile) {
  HWY_DYNAMIC_DISPATCH(backward_any)(block, tile);
}

}  // namespace alexnet::cpu
