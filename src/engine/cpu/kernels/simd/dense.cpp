// Compiles dense_inl.h for every instruction set and chooses at run time.

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/cpu/kernels/simd/dense_inl.h"
#include <hwy/foreach_target.h>
// The instruction set that the compiler is set to comes last.
#include "engine/cpu/kernels/simd/dense_inl.h"

namespace alexnet::cpu {

HWY_EXPORT(multiply_few_any);
HWY_EXPORT(multiply_few_whole_any);
HWY_EXPORT(multiply_columns_any);

void multiply_few(const float* x, std::size_t x_row, std::size_t rows, const WeightRows& weights,
                  std::size_t in, float* y, std::size_t y_row, std::size_t begin, std::size_t end) {
  HWY_DYNAMIC_DISPATCH(multiply_few_any)(x, x_row, rows, weights, in, y, y_row, begin, end);
}

void multiply_few_whole(const std::int16_t* x, std::size_t x_row, std::size_t rows,
                        const std::int8_t* weights, std::size_t in, float* y, std::size_t y_row,
                        std::size_t begin, std::size_t end) {
  HWY_DYNAMIC_DISPATCH(multiply_few_whole_any)(x, x_row, rows, weights, in, y, y_row, begin, end);
}

void multiply_columns(const float* a, std::size_t a_row, std::size_t rows, const float* b, std::size_t b_row,
                      std::size_t depth, float* c, std::size_t c_row, std::size_t begin, std::size_t end) {
  HWY_DYNAMIC_DISPATCH(multiply_columns_any)(a, a_row, rows, b, b_row, depth, c, c_row, begin, end);
}

}  // namespace alexnet::cpu
