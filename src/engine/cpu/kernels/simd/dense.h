// What fully connected layers ask of the instruction set: products of a few rows, which are bound by reading
// the weights once, and one that oneDNN is slow at without AVX-512.
#pragma once

#include <hwy/base.h>

#include <cstddef>
#include <cstdint>
#include <variant>

namespace alexnet::cpu {

/// Rows of x that multiply_few() takes at a time.
inline constexpr std::size_t kFewRows = 4;

/// Weights [units][in].
using WeightRows = std::variant<const float*, const hwy::bfloat16_t*>;

/// y[r][u] = sum over i of x[r][i] * weights[u][i], for units [begin, end) and rows < `rows` <= kFewRows.
void multiply_few(const float* x, std::size_t x_row, std::size_t rows, const WeightRows& weights,
                  std::size_t in, float* y, std::size_t y_row, std::size_t begin, std::size_t end);

/// The same in whole numbers. Their sums must fit: |x| * |weight| * in / 4 < 2^31 (the narrowest vectors add
/// up a quarter of a row in one place).
void multiply_few_whole(const std::int16_t* x, std::size_t x_row, std::size_t rows,
                        const std::int8_t* weights, std::size_t in, float* y, std::size_t y_row,
                        std::size_t begin, std::size_t end);

/// c[r][j] = sum over k of a[r][k] * b[k][j], for columns [begin, end), both multiples of 16. With few rows
/// and much depth, oneDNN's kernels for AVX2 reach half of what this does.
void multiply_columns(const float* a, std::size_t a_row, std::size_t rows, const float* b, std::size_t b_row,
                      std::size_t depth, float* c, std::size_t c_row, std::size_t begin, std::size_t end);

}  // namespace alexnet::cpu
