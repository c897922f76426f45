// What local response normalisation asks of the instruction set: one row of pixels across all channels, or
// one block of channels across all pixels.
#pragma once

#include <cstddef>

namespace alexnet::cpu {

/// y = x / d^beta with d = k + alpha * sum of x^2 over channels [c - below, c + above].
struct LrnRow {
  int block = 16;
  std::size_t channels = 0;  // padded
  std::size_t pixels = 0;    // of the row
  std::size_t plane = 0;     // floats from one block of channels to the next
  std::size_t below = 0, above = 0;
  float k = 0, alpha = 0, beta = 0;
  const float *x = nullptr, *dy = nullptr;
  float* result = nullptr;  // y, or dx
  float* line = nullptr;    // work space: lrn_line() floats
};

/// Floats of work space for a row.
std::size_t lrn_line(std::size_t channels, std::size_t below, std::size_t above);

void lrn_forward(const LrnRow& row);
void lrn_backward(const LrnRow& row);

/// The same with the sum of x^2 over pixels of the same channel: those of the image in rows and columns
/// [i - before, i + behind].
struct LrnPlane {
  int block = 16;
  int height = 0, width = 0;
  int before = 0, behind = 0;
  float k = 0, alpha = 0, beta = 0;
  const float *x = nullptr, *dy = nullptr;
  float* result = nullptr;  // y, or dx
  float* terms = nullptr;   // work space of lrn_backward(): height * width * block floats
};

void lrn_forward(const LrnPlane& plane);
void lrn_backward(const LrnPlane& plane);

}  // namespace alexnet::cpu
