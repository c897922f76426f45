// What dense.cpp asks of the instruction set: products of a few rows, which are bound by reading the weights
// once.
#pragma once

#include <cstddef>

namespace alexnet::cpu {

/// Rows of x that multiply_few() takes at a time.
inline constexpr std::size_t kFewRows = 4;

/// y[r][u] = sum over i of x[r][i] * weights[u][i], for units [begin, end) and rows < `rows` <= kFewRows.
void multiply_few(const float* x, std::size_t x_row, std::size_t rows, const float* weights, std::size_t in,
                  float* y, std::size_t y_row, std::size_t begin, std::size_t end);

}  // namespace alexnet::cpu
