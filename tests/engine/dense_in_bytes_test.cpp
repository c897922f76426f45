// Dense layers of inference plans in int8 against the reference engine, which rounds nothing, on every case
// of the table and with every instruction set: no further off than rounding to whole numbers can make them.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <span>
#include <string>
#include <vector>

#include "tests/engine/op_case_printer.h"
#include "tests/engine/op_cases.h"
#include "tests/every_engine.h"
#include "tests/instruction_sets.h"

namespace alexnet {
namespace {

using cases::Kind;
using cases::OpCase;

constexpr double kRoundoff = 0x1p-24;  // of float32

/// A row of floats as whole numbers of one step, the largest of them `steps`.
class WholeRow {
 public:
  WholeRow(std::span<const float> row, double steps) : steps_(steps) {
    for (const float value : row) largest_ = std::max(largest_, std::abs(double{value}));
  }
  /// Half a step, the number being rounded to the nearest, and a little more: it is divided by the step in
  /// float32, which takes three roundings.
  double error() const { return (0.5 + 3 * kRoundoff * steps_) * largest_ / steps_; }

 private:
  double steps_, largest_ = 0;
};

/// What the product of one unit's weights with one image, in whole numbers, may be off by.
double largest_error(std::span<const float> weights, std::span<const float> x, double bias) {
  constexpr double kWeightSteps = 127;
  // As many as leave room for the sums of a quarter of all products in 32 bits.
  const double quarter = std::floor(static_cast<double>(x.size()) / 4) + 1;
  const double input_steps = std::min(16383.0, std::floor((0x1p31 - 1) / (kWeightSteps * quarter)));
  const double weight_error = WholeRow(weights, kWeightSteps).error(),
               input_error = WholeRow(x, input_steps).error();
  double error = 0, magnitude = std::abs(bias);
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (x[i] == 0) continue;  // which stays zero
    const double weight = std::abs(double{weights[i]}), value = std::abs(double{x[i]});
    error += weight_error * value + input_error * (weight + weight_error);
    magnitude += weight * value;
  }
  // Sums of whole numbers are exact. In float32 are added: at most 63 products that fill no vector, a dozen
  // lanes and vectors; then come the two scales and the bias.
  constexpr double kFloatOperations = 80;
  return error + kFloatOperations * kRoundoff * (magnitude + error);
}

/// Images of nothing but a 1 each, at places that end with the last: outputs are then single weights.
std::vector<float> single_ones(const OpCase& op_case) {
  const auto size = static_cast<std::size_t>(op_case.spec.input.size());
  const auto rows = static_cast<std::size_t>(op_case.batch);
  std::vector<float> input(rows * size);
  for (std::size_t row = 0; row < rows; ++row) input[(row + 1) * size - 1 - row * size / rows] = 1;
  return input;
}

class DenseInBytes : public testing::TestWithParam<OpCase> {
 protected:
  std::vector<float> outputs(const std::string& engine, std::span<const float> input,
                             Precision precision) const {
    const auto network = compile(engine, case_.spec, {.batch = case_.batch, .precision = precision});
    network->load(weights_);
    std::ranges::copy(input, network->input().begin());
    network->forward({});
    return {network->output().begin(), network->output().end()};
  }

  /// What each output may be off by. A ReLU takes nothing further apart.
  std::vector<double> largest_errors(std::span<const float> input) const {
    const std::string kernel = parameters(case_.spec).front().name;  // "l0.weight"
    const std::span<const float> weights = weights_.at(kernel).values,
                                 biases = weights_.at(kernel.substr(0, kernel.find('.')) + ".bias").values;
    const auto size = static_cast<std::size_t>(case_.spec.input.size());
    std::vector<double> errors;
    for (std::size_t row = 0; row < input.size(); row += size)
      for (std::size_t unit = 0; unit < biases.size(); ++unit)
        errors.push_back(largest_error(weights.subspan(unit * size, size), input.subspan(row, size),
                                       double{biases[unit]}));
    return errors;
  }

  void expect_within_bounds(std::span<const float> input) const {
    const std::vector<float> exact = outputs(kReference, input, Precision::kFloat32);
    const std::vector<double> allowed = largest_errors(input);
    each_instruction_set([&] {
      const std::vector<float> rounded = outputs(kCpu, input, Precision::kInt8);
      for (std::size_t i = 0; i < exact.size(); ++i)
        ASSERT_NEAR(rounded[i], exact[i], allowed[i])
            << "output " << i << " of " << exact.size() << ", batch " << case_.batch;
    });
  }

  OpCase case_ = GetParam();
  NamedTensors weights_ = case_weights(case_);
};

TEST_P(DenseInBytes, AreOffByNoMoreThanRounding) {
  for (case_.batch = 1; case_.batch <= find_engine(kCpu).offer().max_rounded_batch; ++case_.batch) {
    expect_within_bounds(case_input(case_));
    expect_within_bounds(single_ones(case_));
  }
}

TEST_P(DenseInBytes, AreAsWithoutWhereReadingWeightsIsNotWhatCosts) {
  case_.batch = find_engine(kCpu).offer().max_rounded_batch + 1;
  const std::vector<float> input = case_input(case_);
  const Precision other =
      find_engine(kCpu).offer().bf16_in_any_batch ? Precision::kBf16 : Precision::kFloat32;
  EXPECT_EQ(outputs(kCpu, input, Precision::kInt8), outputs(kCpu, input, other));
}

std::vector<OpCase> dense_cases() {
  std::vector<OpCase> list;
  std::ranges::copy_if(cases::op_cases(), std::back_inserter(list),
                       [](const OpCase& op_case) { return op_case.kind == Kind::kDense; });
  return list;
}

INSTANTIATE_TEST_SUITE_P(Cases, DenseInBytes, testing::ValuesIn(dense_cases()), cases::case_name);

}  // namespace
}  // namespace alexnet
