// The fast engine against the reference, on every case of the table.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>

#include "engine/reference/reference_network.h"
#include "tests/engine/op_case_printer.h"
#include "tests/engine/op_cases.h"

namespace alexnet {
namespace {

using cases::Kind;
using cases::OpCase;
using cases::Results;
using cases::Watch;

// Each tolerance is the largest difference allowed, as a share of the largest value in the tensor. The
// reference sums in double; what is allowed for is float32 arithmetic (unit roundoff 6e-8).

/// Sums of up to 3,456 products (forward), or of as many as there are pixels in the batch (weight gradient),
/// in float32, blocked: the roundings of n terms add up like a random walk, sqrt(n) of them.
constexpr double kDirectConvolutionTolerance = 2e-5;
/// F(4x4, 3x3) evaluates polynomials at 0, +-1, +-2 (or similar) and so multiplies rounding errors by some
/// tens (Lavin & Gray 2015).
constexpr double kWinogradTolerance = 3e-4;
/// ReLU is exact; tanh and sigmoid may be polynomials good to a few units in the last place.
constexpr double kActivationTolerance = 1e-6;
/// Means and variances over up to 10,000 values in float32; the input's gradient is a difference of three
/// terms of similar size.
constexpr double kBatchNormTolerance = 2e-5;
/// A power with exponent -0.75, as a product of square roots or as a polynomial.
constexpr double kLrnTolerance = 5e-6;
/// Maxima are exact; averages and the gradients of overlapping windows are sums of at most 16 terms.
constexpr double kPoolTolerance = 1e-6;
/// One product with the same float32 factor.
constexpr double kDropoutTolerance = 1e-7;
/// Sums of up to 9,216 products in float32.
constexpr double kDenseTolerance = 2e-5;
/// A polynomial for exp.
constexpr double kSoftmaxTolerance = 1e-5;
/// One after the other, the above; batch normalisation divides by small deviations in between.
constexpr double kSequenceTolerance = 2e-4;
/// Whole networks are compared by the Euclidean norm of the difference as a share of that of the tensor: a
/// rounding error can move a single ReLU or maximum across its kink, where its gradient jumps, and fully
/// connected batch normalisation over a handful of images divides by deviations near zero.
constexpr double kNetworkNormTolerance = 5e-3;

double tolerance(Kind kind, Convolution convolution) {
  switch (kind) {
    case Kind::kConvolution:
      return convolution == Convolution::kDirect ? kDirectConvolutionTolerance : kWinogradTolerance;
    case Kind::kActivation:
      return kActivationTolerance;
    case Kind::kBatchNorm:
      return kBatchNormTolerance;
    case Kind::kLrn:
      return kLrnTolerance;
    case Kind::kPool:
      return kPoolTolerance;
    case Kind::kDropout:
      return kDropoutTolerance;
    case Kind::kDense:
      return kDenseTolerance;
    case Kind::kSoftmax:
      return kSoftmaxTolerance;
    case Kind::kSequence:
      return convolution == Convolution::kDirect ? kSequenceTolerance
                                                 : kSequenceTolerance + kWinogradTolerance;
    case Kind::kNetwork:
      return kNetworkNormTolerance;
  }
  return 0;
}

/// Difference of two tensors as a share of the expected one; an expected tensor of nothing but zeros (or of
/// rounding noise: a bias before a batch normalisation has no gradient, but a thousand values of order 1 that
/// cancel leave some 1e-5) is compared as if its values were near kNoise.
double difference(Kind kind, const std::vector<float>& actual, const std::vector<float>& expected) {
  constexpr double kNoise = 0.05;
  const bool norm = kind == Kind::kNetwork;
  double error = 0, scale = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const double d = std::abs(double{actual[i]} - expected[i]), e = std::abs(double{expected[i]});
    if (std::isnan(d)) return d;
    error = norm ? error + d * d : std::max(error, d);
    scale = norm ? scale + e * e : std::max(scale, e);
  }
  if (norm) return std::sqrt(error) / std::max(std::sqrt(scale), kNoise);
  return error / std::max(scale, kNoise);
}

bool has_convolution(const NetworkSpec& spec) {
  return std::ranges::any_of(spec.layers,
                             [](const Layer& layer) { return std::holds_alternative<Conv>(layer.kind); });
}

class EnginesAgree : public testing::TestWithParam<OpCase> {
 protected:
  void compare(const Results& expected, Watch watch, Convolution convolution) {
    const auto compile_fast = [](const NetworkSpec& spec, const CompileOptions& options) {
      return compile(Engine::kCpu, spec, options);
    };
    const Results actual = run(GetParam(), compile_fast, watch, convolution);
    const double allowed = tolerance(GetParam().kind, convolution);
    for (const auto& [name, values] : actual) {
      const auto found = expected.find(name);
      ASSERT_NE(found, expected.end()) << name;
      ASSERT_EQ(values.size(), found->second.size()) << name;
      EXPECT_LE(difference(GetParam().kind, values, found->second), allowed) << name;
    }
  }
};

TEST_P(EnginesAgree, OnEverything) {
  const Results expected = run(GetParam(), compile_reference, Watch::kEveryLayer);
  for (const Watch watch : {Watch::kEveryLayer, Watch::kEnds})
    for (const Convolution convolution : {Convolution::kDirect, Convolution::kAuto}) {
      if (convolution == Convolution::kAuto && !has_convolution(GetParam().spec)) continue;
      SCOPED_TRACE(std::string(watch == Watch::kEnds ? "ends only" : "every layer watched") +
                   (convolution == Convolution::kDirect ? ", direct convolution" : ", any convolution"));
      compare(expected, watch, convolution);
    }
}

INSTANTIATE_TEST_SUITE_P(Cases, EnginesAgree, testing::ValuesIn(cases::op_cases()), cases::case_name);

}  // namespace
}  // namespace alexnet
