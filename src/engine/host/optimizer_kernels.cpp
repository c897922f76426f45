// Compiles optimizer_simd.h for every instruction set and chooses at run time.
#include "engine/host/optimizer_kernels.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/host/optimizer_simd.h"
#include <hwy/foreach_target.h>
// The instruction set that the compiler is set to comes last.
#include "engine/host/optimizer_simd.h"

namespace alexnet {

HWY_EXPORT(move_by_sgd_any);
HWY_EXPORT(move_by_adamw_any);

double move_by_sgd(float* w, float* v, const float* g, std::size_t count, const SgdValues& values) {
  return HWY_DYNAMIC_DISPATCH(move_by_sgd_any)(w, v, g, count, values);
}

double move_by_adamw(float* w, float* m, float* v, const float* g, std::size_t count,
                     const AdamWValues& values) {
  return HWY_DYNAMIC_DISPATCH(move_by_adamw_any)(w, m, v, g, count, values);
}

}  // namespace alexnet
