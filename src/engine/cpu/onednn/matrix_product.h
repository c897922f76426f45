// oneDNN's product of float32 matrices.
#pragma once

#include <cstddef>

namespace alexnet::cpu {

/// A matrix in rows of the given length.
struct MatrixView {
  const float* data;
  std::size_t row_length;
  bool transposed = false;
};
/// c[rows][columns] = op(a) op(b). On the calling thread alone when that is one of a team. False, with c
/// undefined, when oneDNN could not: it asks for memory in each product.
[[nodiscard]] bool multiply(const MatrixView& a, const MatrixView& b, float* c, std::size_t c_row_length,
                            std::size_t rows, std::size_t columns, std::size_t depth);

}  // namespace alexnet::cpu
