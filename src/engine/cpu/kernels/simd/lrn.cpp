// Compiles lrn_inl.h for every instruction set and chooses at run time.
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/cpu/kernels/simd/lrn_inl.h"
#include <hwy/foreach_target.h>
// The instruction set that the compiler is set to comes last.
#include "engine/cpu/kernels/simd/lrn_inl.h"

namespace alexnet::cpu {

HWY_EXPORT(forward_any);
HWY_EXPORT(backward_any);
HWY_EXPORT(plane_forward_any);
HWY_EXPORT(plane_backward_any);

std::size_t lrn_line(std::size_t channels, std::size_t below, std::size_t above) {
  return 2 * (channels + below + above);
}
void lrn_forward(const LrnRow& row) { HWY_DYNAMIC_DISPATCH(forward_any)(row); }
void lrn_backward(const LrnRow& row) { HWY_DYNAMIC_DISPATCH(backward_any)(row); }
void lrn_forward(const LrnPlane& plane) { HWY_DYNAMIC_DISPATCH(plane_forward_any)(plane); }
void lrn_backward(const LrnPlane& plane) { HWY_DYNAMIC_DISPATCH(plane_backward_any)(plane); }

}  // namespace alexnet::cpu
