#include "studies/statistics.h"

#include <cmath>
#include <numbers>
#include <numeric>

namespace alexnet {
namespace {

/// Fraction of Student's distribution between -t and t: the finite sums of Abramowitz & Stegun, 26.7.3
/// and 26.7.4.
double fraction_within(double t, int freedom) {
  const double angle = std::atan(t / std::sqrt(freedom));
  const double cosine = std::cos(angle), sine = std::sin(angle);
  const bool odd = freedom % 2 == 1;
  double term = odd ? cosine : 1, sum = 0;
  for (int power = odd ? 1 : 0; power <= freedom - 2; power += 2) {
    sum += term;
    term *= cosine * cosine * (power + 1) / (power + 2);
  }
  return odd ? 2 / std::numbers::pi * (angle + sine * sum) : sine * sum;
}

}  // namespace

double student_t(int freedom) {
  double low = 0, high = 13;  // 12.7 for one degree of freedom, the largest
  while (high - low > 1e-12) {
    const double middle = (low + high) / 2;
    (fraction_within(middle, freedom) < 0.95 ? low : high) = middle;
  }
  return low;
}

Estimate estimate(std::span<const double> values) {
  Estimate result;
  result.count = static_cast<int>(values.size());
  if (values.empty()) return result;
  const auto n = static_cast<double>(values.size());
  result.mean = std::accumulate(values.begin(), values.end(), 0.0) / n;
  if (values.size() < 2) return result;
  double squares = 0;
  for (const double value : values) squares += (value - result.mean) * (value - result.mean);
  result.stddev = std::sqrt(squares / (n - 1));
  const double half = student_t(result.count - 1) * result.stddev / std::sqrt(n);
  result.low = result.mean - half;
  result.high = result.mean + half;
  return result;
}

Estimate ratio(std::span<const double> values, std::span<const double> base) {
  std::vector<double> logarithms;
  for (std::size_t i = 0; i < values.size(); ++i) logarithms.push_back(std::log(values[i] / base[i]));
  Estimate result = estimate(logarithms);
  for (double* value : {&result.mean, &result.low, &result.high}) *value = std::exp(*value);
  result.stddev = std::exp(result.stddev);
  return result;
}

}  // namespace alexnet
