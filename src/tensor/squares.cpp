// Compiles squares_inl.h for every instruction set and chooses at run time.
#include "tensor/squares.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "tensor/squares_inl.h"
#include <hwy/foreach_target.h>
// The instruction set that the compiler is set to comes last.
#include "tensor/squares_inl.h"

namespace alexnet {

HWY_EXPORT(sum_of_squares_any);

double sum_of_squares(std::span<const float> values) {
  return HWY_DYNAMIC_DISPATCH(sum_of_squares_any)(values.data(), values.size());
}

}  // namespace alexnet
