// Single layers against PyTorch and Keras, on all engines.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <tuple>

#include "tests/engine/golden.h"
#include "tests/every_engine.h"

namespace alexnet {
namespace {

struct GoldenOp {
  const char* name;
  int batch;
  Extent input;
  LayerKind layer;
};

void PrintTo(const GoldenOp& op, std::ostream* out) { *out << op.name; }

constexpr Padding kSame{Padding::Mode::kSame, 0};
constexpr auto kCeil = Pool::Rounding::kCeil;

Padding pad(int pixels) { return {Padding::Mode::kExplicit, pixels}; }

std::vector<GoldenOp> golden_ops() {
  return {
      {"conv_groups",
       2,
       {4, 6, 5},
       Conv{.filters = 6, .kernel = 3, .stride = 2, .padding = pad(2), .groups = 2}},
      {"conv_same", 2, {3, 7, 6}, Conv{.filters = 4, .kernel = 4, .stride = 3, .padding = kSame}},
      {"conv_rectangle",
       2,
       {3, 7, 8},
       Conv{.filters = 4,
            .kernel = {3, 2},
            .stride = {2, 1},
            .padding = {Padding::Mode::kExplicit, {1, 0, 2, 1}}}},
      {"dense", 3, {7, 1, 1}, Dense{.units = 5}},
      {"batch_norm", 3, {4, 3, 2}, BatchNorm{.epsilon = 1e-3F, .momentum = 0.75F}},
      {"lrn_mean",
       2,
       {7, 3, 2},
       Lrn{.size = 5, .k = 1.0F, .alpha = 0.5F, .convention = Lrn::Convention::kMean}},
      {"lrn_sum", 2, {7, 3, 2}, Lrn{.size = 5, .k = 2.0F, .alpha = 0.5F}},
      {"lrn_even",
       2,
       {6, 3, 2},
       Lrn{.size = 4, .k = 1.0F, .alpha = 0.5F, .convention = Lrn::Convention::kMean}},
      {"lrn_within",
       2,
       {3, 5, 4},
       Lrn{.size = 3,
           .k = 1.0F,
           .alpha = 0.5F,
           .convention = Lrn::Convention::kMean,
           .region = Lrn::Region::kWithinChannel}},
      {"max_pool_ceil", 2, {2, 8, 6}, Pool{.padding = pad(1), .rounding = kCeil}},
      {"max_pool_same", 2, {2, 7, 6}, Pool{.padding = kSame}},
      {"max_pool_tied", 2, {3, 8, 7}, Pool{}},
      {"average_pool_ceil",
       2,
       {2, 8, 6},
       Pool{.kind = Pool::Kind::kAverage, .padding = pad(1), .rounding = kCeil}},
      {"average_pool_counts_ceil",
       2,
       {2, 8, 6},
       Pool{.kind = Pool::Kind::kAverage, .padding = pad(1), .rounding = kCeil, .counts_padding = true}},
      {"average_pool_counts",
       2,
       {2, 6, 7},
       Pool{.kind = Pool::Kind::kAverage,
            .kernel = {3, 2},
            .stride = {1, 2},
            .padding = {Padding::Mode::kExplicit, {1, 0, 1, 0}},
            .counts_padding = true}},
      {"average_pool_rectangle",
       2,
       {2, 6, 7},
       Pool{.kind = Pool::Kind::kAverage,
            .kernel = {3, 2},
            .stride = {1, 2},
            .padding = {Padding::Mode::kExplicit, {1, 0, 1, 0}}}},
      {"max_pool_rectangle",
       2,
       {2, 6, 7},
       Pool{.kernel = {2, 3}, .stride = {2, 1}, .padding = {Padding::Mode::kExplicit, {1, 0, 1, 0}}}},
      {"average_pool_same", 2, {2, 7, 6}, Pool{.kind = Pool::Kind::kAverage, .padding = kSame}},
      {"tanh", 2, {3, 2, 2}, Activation{Activation::Kind::kTanh}},
      {"sigmoid", 2, {3, 2, 2}, Activation{Activation::Kind::kSigmoid}},
      {"relu", 2, {3, 2, 2}, Activation{Activation::Kind::kRelu}},
  };
}

/// Of the largest value expected; results of float32 sums of some tens of terms.
constexpr double kTolerance = 3e-6;
/// Of the largest value expected: batch normalisation over three images divides by small standard deviations.
constexpr double kNetworkTolerance = 2e-5;

void expect_near(const nlohmann::json& golden, std::span<const float> actual, double tolerance,
                 const std::string& what) {
  const auto expected = golden.get<std::vector<double>>();
  ASSERT_EQ(actual.size(), expected.size()) << what;
  double largest = 0;
  for (const double value : expected) largest = std::max(largest, std::abs(value));
  for (std::size_t i = 0; i < expected.size(); ++i)
    EXPECT_NEAR(actual[i], expected[i], tolerance * largest) << what << '[' << i << ']';
}

class GoldenOps : public testing::TestWithParam<std::tuple<std::string, GoldenOp>> {
 protected:
  void expect(const char* what, std::span<const float> actual) {
    expect_near(golden::ops()["ops"][op_.name][what], actual, kTolerance, what);
  }

  void expect(CompiledNetwork& network, const std::vector<SlabEntry>& layout, SlabId slab, Role role,
              const char* what) {
    for (const SlabEntry& entry : layout) {
      if (entry.info.role != role) continue;
      std::vector<float> values(static_cast<std::size_t>(element_count(entry.info.shape)));
      network.read(slab, entry, values);
      expect(what, values);
    }
  }

  GoldenOp op_ = std::get<1>(GetParam());
};

TEST_P(GoldenOps, ForwardAndBackward) {
  const NetworkSpec spec{"", op_.input, {{"op", op_.layer}, {"flatten", Flatten{}}}};
  CompileOptions options;
  options.batch = op_.batch;
  options.training = options.input_gradient = true;
  const auto network = compile(std::get<0>(GetParam()), spec, options);
  network->load(golden::weights(spec));
  std::vector<float> input = golden::pattern(golden::kInput, network->input().size());
  if (std::string_view(op_.name) == "max_pool_tied")
    for (float& value : input) value = std::nearbyint(2 * value);
  std::ranges::copy(input, network->input().begin());

  network->forward({Pass::kTraining});
  expect("output", network->logits());
  network->set_logits_gradient(golden::pattern(golden::kSlope, network->logits().size()));
  network->backward();
  network->read_input_gradient(input);
  expect("input_gradient", input);
  for (const Role role : {Role::kKernel, Role::kScale})
    expect(*network, network->parameter_layout(), SlabId::kGradients, role, "weight_gradient");
  for (const Role role : {Role::kBias, Role::kShift})
    expect(*network, network->parameter_layout(), SlabId::kGradients, role, "bias_gradient");
  expect(*network, network->statistics_layout(), SlabId::kStatistics, Role::kMovingMean, "moving_mean");
  expect(*network, network->statistics_layout(), SlabId::kStatistics, Role::kMovingVariance,
         "moving_variance");
}

INSTANTIATE_TEST_SUITE_P(Layers, GoldenOps,
                         testing::Combine(testing::ValuesIn(available_engines()),
                                          testing::ValuesIn(golden_ops())),
                         [](const auto& parameter) {
                           return std::get<0>(parameter.param) + "_" + std::get<1>(parameter.param).name;
                         });

class GoldenNetworks : public testing::TestWithParam<std::string> {};

TEST_P(GoldenNetworks, LogSoftmax) {
  const auto network = compile(GetParam(), {"", {7, 1, 1}, {{"log", Softmax{.log = true}}}}, {.batch = 3});
  std::ranges::transform(golden::pattern(golden::kInput, 21), network->input().begin(),
                         [](float x) { return 5 * x; });
  network->forward({});
  expect_near(golden::ops()["ops"]["log_softmax"]["output"], network->output(), kTolerance, "output");
}

/// As networks for digits are written in PyTorch: batch normalisation over the logits, then log-softmax.
NetworkSpec digits() {
  constexpr BatchNorm kNorm{.epsilon = 1e-5F, .momentum = 0.9F};
  constexpr Activation kRelu{};
  return {"digits",
          {1, 8, 8},
          {{"conv1", Conv{.filters = 2, .kernel = 3}},
           {"conv2", Conv{.filters = 3, .kernel = 3}},
           {"conv3", Conv{.filters = 4, .kernel = 3}},
           {"relu1", kRelu},
           {"bn1", kNorm},
           {"flatten", Flatten{}},
           {"fc1", Dense{.units = 5}},
           {"relu2", kRelu},
           {"fc2", Dense{.units = 10}},
           {"bn2", kNorm},
           {"log", Softmax{.log = true}}}};
}

TEST_P(GoldenNetworks, NormaliseLogits) {
  const nlohmann::json& expected = golden::ops()["networks"]["digits"];
  const auto network = compile(GetParam(), digits(), {.batch = 3, .training = true, .input_gradient = true});
  network->load(golden::weights(digits()));
  std::ranges::copy(golden::pattern(golden::kInput, network->input().size()), network->input().begin());
  network->forward({});
  expect_near(expected["inference"], network->output(), kNetworkTolerance, "inference");
  network->forward({Pass::kTraining});
  expect_near(expected["training"], network->output(), kNetworkTolerance, "training");

  network->set_logits_gradient(golden::pattern(golden::kSlope, network->logits().size()));
  network->backward();
  std::vector<float> input_gradient(network->input().size());
  network->read_input_gradient(input_gradient);
  expect_near(expected["input_gradient"], input_gradient, kNetworkTolerance, "input_gradient");
  for (const SlabEntry& entry : network->parameter_layout()) {
    // Biases before a batch normalisation have no gradient.
    if (entry.info.name == "fc2.bias") continue;
    std::vector<float> values(static_cast<std::size_t>(element_count(entry.info.shape)));
    network->read(SlabId::kGradients, entry, values);
    expect_near(expected["gradients"][entry.info.name], values, kNetworkTolerance, entry.info.name);
  }
}

INSTANTIATE_TEST_SUITE_P(Networks, GoldenNetworks, testing::ValuesIn(available_engines()),
                         [](const auto& parameter) { return parameter.param; });

}  // namespace
}  // namespace alexnet
