// Inference plans that may round weights, against the reference engine, which does not.
#include <gmock/gmock.h>

#include <algorithm>
#include <bit>
#include <cmath>

#include "alexnet/error.h"
#include "base/random.h"
#include "tests/every_engine.h"

namespace alexnet {
namespace {

// Relative to the largest output. bf16 keeps 8 bits, so weights are off by up to 2^-8 of themselves, and a
// sum of n products of errors of any sign by far less than n times that; int8 steps are 1/127 of a unit's
// largest weight.
constexpr double kBf16Tolerance = 8e-3, kInt8Tolerance = 2e-2;

Dense dense(int units) {
  Dense layer;
  layer.units = units;
  return layer;
}

/// A convolution that rounds where the processor multiplies bf16, and fully connected layers whose lengths
/// are no multiple of any vector's.
NetworkSpec network() {
  NetworkSpec spec;
  spec.input = {32, 9, 7};
  Conv conv;
  conv.filters = 48;
  conv.kernel = 3;
  conv.padding = {Padding::Mode::kSame};
  spec.layers = {{"conv", conv},      {"relu", Activation{}},  {"flatten", Flatten{}},
                 {"fc6", dense(301)}, {"relu6", Activation{}}, {"fc7", dense(37)}};
  return spec;
}

NamedTensors random_weights(const NetworkSpec& spec) {
  NamedTensors weights = initial_weights(spec, 3);
  std::uint32_t index = 0;
  for (auto& [name, view] : weights) {
    Tensor tensor(view.shape);
    RandomStream random(5, Purpose::kSample, index++, 0);
    const float scale =
        1 / std::sqrt(static_cast<float>(element_count(view.shape)) / static_cast<float>(view.shape[0]));
    for (float& value : tensor.values) value = scale * random.normal();
    view = TensorView::own(std::move(tensor));
  }
  return weights;
}

std::vector<float> logits(const std::string& engine, const NetworkSpec& spec, const NamedTensors& weights,
                          int batch, Precision precision) {
  CompileOptions options;
  options.batch = batch;
  options.precision = precision;
  const auto network = compile(engine, spec, options);
  network->load(weights);
  RandomStream random(9, Purpose::kSample, 0, 0);
  for (float& value : network->input()) value = random.normal();
  network->forward({});
  return {network->logits().begin(), network->logits().end()};
}

double worst_difference(const std::vector<float>& a, const std::vector<float>& b) {
  double worst = 0, largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    worst = std::max(worst, std::abs(static_cast<double>(a[i]) - static_cast<double>(b[i])));
    largest = std::max(largest, std::abs(static_cast<double>(b[i])));
  }
  return worst / largest;
}

class PrecisionTest : public testing::TestWithParam<int> {};

TEST_P(PrecisionTest, RoundsAsFarAsAllowedAndNoFurther) {
  const NetworkSpec spec = network();
  const NamedTensors weights = random_weights(spec);
  const auto exact = logits(kReference, spec, weights, GetParam(), Precision::kFloat32);
  const auto error = [&](Precision precision) {
    return worst_difference(logits(kCpu, spec, weights, GetParam(), precision), exact);
  };
  EXPECT_LT(error(Precision::kFloat32), 1e-5);
  EXPECT_LT(error(Precision::kBf16), kBf16Tolerance);
  EXPECT_GT(error(Precision::kBf16), 1e-5);  // it did round
  EXPECT_LT(error(Precision::kInt8), kInt8Tolerance);
  EXPECT_GT(error(Precision::kInt8), error(Precision::kBf16));
}

INSTANTIATE_TEST_SUITE_P(Batches, PrecisionTest, testing::Values(1, 3, 8));

// Rows longer than what is taken at a time, of a length that is no multiple of anything, in a batch that
// leaves tiles half empty.
class LongRowsTest : public testing::TestWithParam<int> {
 protected:
  LongRowsTest() {
    spec.input = {4101, 1, 1};
    spec.layers = {{"fc", dense(41)}};
    weights = random_weights(spec);
  }
  NetworkSpec spec;
  NamedTensors weights;
};

TEST_P(LongRowsTest, AreRoundedAndNothingIsLost) {
  const auto exact = logits(kReference, spec, weights, GetParam(), Precision::kFloat32);
  EXPECT_LT(worst_difference(logits(kCpu, spec, weights, GetParam(), Precision::kBf16), exact),
            kBf16Tolerance);
}

// Not every NaN has bits that survive rounding by adding half a step.
TEST_P(LongRowsTest, KeepNaN) {
  Tensor kernel({41, 4101});
  std::ranges::copy(weights.at("fc.weight").values, kernel.values.begin());
  kernel.values[2 * 4101 + 4100] = std::bit_cast<float>(0x7FFFFFFFU);
  weights["fc.weight"] = TensorView::own(std::move(kernel));
  const auto out = logits(kCpu, spec, weights, GetParam(), Precision::kBf16);
  for (std::size_t i = 0; i < out.size(); ++i) EXPECT_EQ(std::isnan(out[i]), i % 41 == 2) << i;
}

INSTANTIATE_TEST_SUITE_P(Batches, LongRowsTest, testing::Values(1, 6, 9, 33));

// With matrix tiles, all that is multiplied is rounded, in batches of any size and in training.
TEST(Precision, RoundsInTrainingWhereThereAreTiles) {
  if (const std::string why = find_engine(kCpu).why_not(Precision::kBf16, true); !why.empty())
    GTEST_SKIP() << why;
  const NetworkSpec spec = network();
  const NamedTensors weights = random_weights(spec);
  const auto trained = [&](Precision precision) {
    CompileOptions options;
    options.batch = 19;
    options.training = true;
    options.precision = precision;
    const auto network = compile(kCpu, spec, options);
    network->load(weights);
    RandomStream random(9, Purpose::kSample, 0, 0);
    for (float& value : network->input()) value = random.normal();
    network->forward({Pass::kTraining, 0, 0});
    network->set_logits_gradient(network->logits());
    network->backward();
    std::vector<float> gradients;
    for (const SlabEntry& entry : network->parameter_layout()) {
      std::vector<float> values(static_cast<std::size_t>(element_count(entry.info.shape)));
      network->read(SlabId::kGradients, entry, values);
      gradients.insert(gradients.end(), values.begin(), values.end());
    }
    return gradients;
  };
  const double error = worst_difference(trained(Precision::kBf16), trained(Precision::kFloat32));
  EXPECT_LT(error, 4 * kBf16Tolerance);  // one after the other, and units beyond their ReLU's kink
  EXPECT_GT(error, 1e-5);
}

// Weights that are whole numbers of one scale lose nothing.
TEST(Precision, KeepsWholeNumbersInBytes) {
  NetworkSpec spec;
  spec.input = {530, 1, 1};
  spec.layers = {{"fc", dense(20)}};
  NamedTensors weights = initial_weights(spec, 0);
  Tensor kernel({20, 530});
  RandomStream random(1, Purpose::kSample, 0, 0);
  for (float& value : kernel.values) value = 0.25F * (static_cast<float>(random.below(255)) - 127);
  for (std::size_t unit = 0; unit < 20; ++unit) kernel.values[unit * 530 + unit] = -0.25F * 127;
  weights.insert_or_assign("fc.weight", TensorView::own(std::move(kernel)));
  const auto exact = logits(kReference, spec, weights, 2, Precision::kFloat32);
  const auto rounded = logits(kCpu, spec, weights, 2, Precision::kInt8);
  EXPECT_LT(worst_difference(rounded, exact), 2e-4);  // of the input's 14 bits
}

TEST(Precision, HasNames) {
  for (const Precision precision : {Precision::kFloat32, Precision::kBf16, Precision::kInt8})
    EXPECT_EQ(precision_from_string(to_string(precision)), precision);
  EXPECT_THROW(precision_from_string("fp16"), UsageError);
}

}  // namespace
}  // namespace alexnet
