// Every engine against the reference, on every case of the table.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>

#include "tests/engine/op_case_printer.h"
#include "tests/engine/op_cases.h"
#include "tests/every_engine.h"

namespace alexnet {
namespace {

using cases::Kind;
using cases::OpCase;
using cases::Results;
using cases::Watch;

// Each tolerance is the largest difference allowed, as a fraction of the largest value in the tensor. The
// reference sums in double; what is allowed for is float32 arithmetic (unit roundoff 6e-8).

/// Sums of up to 3,456 products (forward), or of as many as there are pixels in the batch (weight gradient),
/// in float32, blocked: the roundings of n terms add up like a random walk, sqrt(n) of them.
// Without AVX-512 some first layers go by Winograd's algorithm all the same, 1.3e-5 off.
constexpr double kDirectConvolutionTolerance = 2e-5;
/// F(4x4, 3x3) evaluates polynomials at 0, +-1, +-2 (or similar) and so multiplies rounding errors by some
/// tens (Lavin & Gray 2015).
constexpr double kWinogradTolerance = 6e-5;
/// ReLU is exact; tanh and sigmoid may be polynomials good to a few units in the last place.
constexpr double kActivationTolerance = 1e-6;
/// Means and variances over up to 10,000 values in float32; the input's gradient is a difference of three
/// terms of similar size.
constexpr double kBatchNormTolerance = 6e-5;
/// A power with exponent -0.75, as a product of square roots or as a polynomial.
constexpr double kLrnTolerance = 1e-6;
/// Maxima are exact; averages and the gradients of overlapping windows are sums of at most 16 terms.
constexpr double kPoolTolerance = 1e-6;
/// One product with the same float32 factor.
constexpr double kDropoutTolerance = 1e-7;
/// Sums of up to 9,216 products in float32.
constexpr double kDenseTolerance = 4e-6;
/// A polynomial for exp.
constexpr double kSoftmaxTolerance = 2e-6;
/// One after the other, the above; batch normalisation divides by small standard deviations in between.
constexpr double kSequenceTolerance = 2e-5;
/// Whole networks are compared by the Euclidean norm of the difference as a fraction of that of the tensor: a
/// rounding error can move a single ReLU or maximum across its kink, where its gradient jumps, and fully
/// connected batch normalisation over a handful of images divides by standard deviations near zero.
constexpr double kNetworkNormTolerance = 3e-3;

/// bf16 numbers have 8 bits, so that factors are off by up to 2^-8 of themselves each; signs differ, and a
/// sum of n products is off by some sqrt(n) times that of one. By the norm, as for networks.
constexpr double kBf16NormTolerance = 5e-3;

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

double largest(const std::vector<float>& values) {
  double result = 0;
  for (const float value : values) result = std::max(result, std::abs(double{value}));
  return result;
}

/// What rounding errors of a tensor are measured by: its largest value. A bias before a batch normalisation
/// has no gradient at all, only what is left when terms cancel; their size shows in the weight's gradient,
/// which is made of the same ones. Where nothing but zeros is expected, values of kNoise are.
double scale_of(const Results& expected, const std::string& name) {
  constexpr double kNoise = 0.05;
  double scale = std::max(kNoise, largest(expected.at(name)));
  constexpr std::string_view kBias = ".bias";
  if (name.find("gradient/") != std::string::npos && name.ends_with(kBias))
    scale = std::max(scale, largest(expected.at(name.substr(0, name.size() - kBias.size()) + ".weight")));
  return scale;
}

double largest_difference(const std::vector<float>& actual, const std::vector<float>& expected) {
  double result = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const double difference = std::abs(double{actual[i]} - expected[i]);
    if (!(difference <= result)) result = difference;  // NaN stays
    if (std::isnan(result)) break;
  }
  return result;
}

double norm_of_difference(const std::vector<float>& actual, const std::vector<float>& expected) {
  constexpr double kNoise = 0.05;
  double difference = 0, norm = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    difference += std::pow(double{actual[i]} - expected[i], 2);
    norm += std::pow(double{expected[i]}, 2);
  }
  return std::sqrt(difference) / std::max(std::sqrt(norm), kNoise);
}

bool has_convolution(const NetworkSpec& spec) {
  return std::ranges::any_of(spec.layers,
                             [](const Layer& layer) { return std::holds_alternative<Conv>(layer.kind); });
}

double error_of(Kind kind, const std::vector<float>& actual, const Results& expected,
                const std::string& name) {
  return kind == Kind::kNetwork ? norm_of_difference(actual, expected.at(name))
                                : largest_difference(actual, expected.at(name)) / scale_of(expected, name);
}

class EnginesAgree : public testing::TestWithParam<std::tuple<OpCase, std::string>> {
 protected:
  void compare(const Results& expected, Watch watch, Convolution convolution) {
    const Results actual = run(case_, find_engine(engine_), watch, convolution);
    const double allowed = tolerance(case_.kind, convolution);
    for (const auto& [name, values] : actual) {
      const auto found = expected.find(name);
      ASSERT_NE(found, expected.end()) << name;
      ASSERT_EQ(values.size(), found->second.size()) << name;
      EXPECT_LE(error_of(case_.kind, values, expected, name), allowed) << name;
    }
  }

  const OpCase case_ = std::get<0>(GetParam());
  const std::string engine_ = std::get<1>(GetParam());
};

TEST_P(EnginesAgree, OnEverything) {
  const Results expected = run(case_, find_engine(kReference), Watch::kEveryLayer);
  for (const Watch watch : {Watch::kEveryLayer, Watch::kEnds})
    for (const Convolution convolution : {Convolution::kDirect, Convolution::kAuto}) {
      if (convolution == Convolution::kAuto && !has_convolution(case_.spec)) continue;
      SCOPED_TRACE(std::string(watch == Watch::kEnds ? "ends only" : "every layer watched") +
                   (convolution == Convolution::kDirect ? ", direct convolution" : ", any convolution"));
      compare(expected, watch, convolution);
    }
}

// Where the processor has matrix tiles, training rounds as well.
TEST_P(EnginesAgree, OnConvolutionsAndDenseLayersInBf16) {
  const Kind kind = case_.kind;
  if (kind != Kind::kConvolution && kind != Kind::kDense) return;  // the others do not round
  const Results expected = run(case_, find_engine(kReference), Watch::kEveryLayer);
  const Results actual = run(case_, find_engine(engine_), Watch::kEnds, Convolution::kAuto, Precision::kBf16);
  for (const auto& [name, values] : actual)
    EXPECT_LE(norm_of_difference(values, expected.at(name)), kBf16NormTolerance) << name;
}

/// A network after a training pass of the case, forward and backward.
std::unique_ptr<CompiledNetwork> after_training_pass(const std::string& engine, const OpCase& op_case,
                                                     const NamedTensors& weights,
                                                     const CompileOptions& options) {
  auto network = compile(engine, op_case.spec, options);
  network->load(weights);
  std::ranges::copy(case_input(op_case), network->input().begin());
  network->forward({.pass = Pass::kTraining, .seed = 3, .step = 4});
  network->set_logits_gradient(case_logits_gradient(op_case));
  network->backward();
  return network;
}

/// The input's gradient after a training pass, from a plan with or without those of the parameters.
std::vector<float> input_gradient(const std::string& engine, const OpCase& op_case,
                                  const NamedTensors& weights, bool parameter_gradients) {
  const auto network = after_training_pass(engine, op_case, weights,
                                           {.batch = op_case.batch,
                                            .training = true,
                                            .input_gradient = true,
                                            .parameter_gradients = parameter_gradients});
  EXPECT_EQ(network->slab_size(SlabId::kGradients),
            parameter_gradients ? network->slab_size(SlabId::kParameters) : 0);
  std::vector<float> gradient(network->input().size());
  network->read_input_gradient(gradient);
  return gradient;
}

TEST_P(EnginesAgree, OnTheInputsGradientWithoutTheParameters) {
  const NamedTensors weights = case_weights(case_);
  EXPECT_EQ(input_gradient(engine_, case_, weights, false), input_gradient(engine_, case_, weights, true));
}

/// The gradients of each tensor that learns, after a training pass.
Results gradients(const std::string& engine, const OpCase& op_case, const NamedTensors& weights,
                  const std::vector<bool>& frozen) {
  const auto network = after_training_pass(engine, op_case, weights,
                                           {.batch = op_case.batch, .training = true, .frozen = frozen});
  Results all;
  for (const SlabEntry& entry : network->parameter_layout()) {
    if (!network->learns(entry.info.layer)) continue;
    std::vector<float>& values = all["gradient/" + entry.info.name];
    values.resize(static_cast<std::size_t>(element_count(entry.info.shape)));
    network->read(SlabId::kGradients, entry, values);
  }
  return all;
}

/// Whether one of the frozen layers would do something else in training.
bool computes_otherwise(const NetworkSpec& spec, const std::vector<bool>& frozen) {
  for (std::size_t i = 0; i < frozen.size(); ++i) {
    const LayerKind& kind = spec.layers[i].kind;
    if (frozen[i] && (std::holds_alternative<BatchNorm>(kind) || std::holds_alternative<Dropout>(kind)))
      return true;
  }
  return false;
}

TEST_P(EnginesAgree, OnGradientsBesideFrozenLayers) {
  const NamedTensors weights = case_weights(case_);
  const std::vector<ParameterInfo> tensors = parameters(case_.spec);
  if (tensors.empty()) return;
  const std::size_t first = tensors.front().layer, middle = tensors[tensors.size() / 2].layer,
                    last = tensors.back().layer;
  std::vector<bool> sets[3];
  for (std::vector<bool>& frozen : sets) frozen.resize(case_.spec.layers.size());
  sets[0][first] = true;
  sets[1][middle] = true;
  std::fill_n(sets[2].begin(), last, true);
  const Results all_of_reference = gradients(kReference, case_, weights, {}),
                all_of_engine = gradients(engine_, case_, weights, {});
  for (const std::vector<bool>& frozen : sets) {
    const Results reference = gradients(kReference, case_, weights, frozen);
    for (const auto& [name, values] : gradients(engine_, case_, weights, frozen)) {
      EXPECT_LE(error_of(case_.kind, values, reference, name), tolerance(case_.kind, Convolution::kAuto))
          << name;
      if (computes_otherwise(case_.spec, frozen)) continue;
      EXPECT_EQ(values, all_of_engine.at(name)) << name;
      EXPECT_EQ(reference.at(name), all_of_reference.at(name)) << name;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Cases, EnginesAgree,
                         testing::Combine(testing::ValuesIn(cases::op_cases()),
                                          testing::ValuesIn(compared_engines())),
                         cases::case_and_engine);

}  // namespace
}  // namespace alexnet
