// The matrices of Winograd's minimal filtering F(m, r) (Lavin & Gray, "Fast algorithms for convolutional
// neural networks", CVPR 2016), built by the Cook-Toom construction (Barabasz et al., "Error analysis and
// improving the accuracy of Winograd convolution for deep neural networks", 2020) from interpolation points.
#pragma once

#include <array>

namespace alexnet::cpu {

/// y = At [(G w) * (Bt x)]: m outputs of a correlation with r taps from m + r - 1 inputs.
template <int M, int R>
struct WinogradMatrices {
  static constexpr int kPoints = M + R - 1;
  std::array<std::array<float, kPoints>, M> at{};
  std::array<std::array<float, R>, kPoints> g{};
  std::array<std::array<float, kPoints>, kPoints> bt{};
};

template <int M, int R>
constexpr WinogradMatrices<M, R> winograd_matrices() {
  constexpr int n = M + R - 1;
  // Small magnitudes with small reciprocals keep the rounding errors low; the last point is infinity.
  constexpr double points[] = {0, 1, -1, 2, -2, 0.5, -0.5};
  static_assert(n - 1 <= 7);
  WinogradMatrices<M, R> w;
  for (int j = 0; j < n - 1; ++j) {
    // Coefficients of prod_{i != j} (x - a_i), and its value at a_j.
    std::array<double, n> polynomial{1.0};
    double norm = 1;
    int degree = 0;
    for (int i = 0; i < n - 1; ++i) {
      if (i == j) continue;
      for (int k = degree + 1; k > 0; --k) polynomial[k] = polynomial[k - 1] - points[i] * polynomial[k];
      polynomial[0] *= -points[i];
      ++degree;
      norm *= points[j] - points[i];
    }
    for (int k = 0; k < n; ++k) w.bt[j][k] = static_cast<float>(polynomial[k]);
    double power = 1;
    for (int k = 0; k < (M > R ? M : R); ++k, power *= points[j]) {
      if (k < M) w.at[k][j] = static_cast<float>(power);
      if (k < R) w.g[j][k] = static_cast<float>(power / norm);
    }
  }
  std::array<double, n + 1> polynomial{1.0};
  for (int i = 0; i < n - 1; ++i) {
    for (int k = i + 1; k > 0; --k) polynomial[k] = polynomial[k - 1] - points[i] * polynomial[k];
    polynomial[0] *= -points[i];
  }
  for (int k = 0; k < n; ++k) w.bt[n - 1][k] = static_cast<float>(polynomial[k]);
  w.at[M - 1][n - 1] = 1;
  w.g[n - 1][R - 1] = 1;
  return w;
}

}  // namespace alexnet::cpu
