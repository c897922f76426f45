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
      {"max_pool_ceil", 2, {2, 8, 6}, Pool{.padding = pad(1), .rounding = kCeil}},
      {"max_pool_same", 2, {2, 7, 6}, Pool{.padding = kSame}},
      {"max_pool_tied", 2, {3, 8, 7}, Pool{}},
      {"average_pool_ceil",
       2,
       {2, 8, 6},
       Pool{.kind = Pool::Kind::kAverage, .padding = pad(1), .rounding = kCeil}},
      {"average_pool_same", 2, {2, 7, 6}, Pool{.kind = Pool::Kind::kAverage, .padding = kSame}},
      {"tanh", 2, {3, 2, 2}, Activation{Activation::Kind::kTanh}},
      {"sigmoid", 2, {3, 2, 2}, Activation{Activation::Kind::kSigmoid}},
      {"relu", 2, {3, 2, 2}, Activation{Activation::Kind::kRelu}},
  };
}

/// Of the largest value expected; results of float32 sums of some tens of terms.
constexpr double kTolerance = 3e-6;

class GoldenOps : public testing::TestWithParam<std::tuple<std::string, GoldenOp>> {
 protected:
  void expect(const char* what, std::span<const float> actual) {
    const auto expected = golden::ops()["ops"][op_.name][what].get<std::vector<double>>();
    ASSERT_EQ(actual.size(), expected.size()) << what;
    double largest = 0;
    for (const double value : expected) largest = std::max(largest, std::abs(value));
    for (std::size_t i = 0; i < expected.size(); ++i)
      EXPECT_NEAR(actual[i], expected[i], kTolerance * largest) << what << '[' << i << ']';
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

}  // namespace
}  // namespace alexnet
