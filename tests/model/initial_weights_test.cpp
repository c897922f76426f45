#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "alexnet/network.h"
#include "base/parallel.h"

namespace alexnet {
namespace {

struct Moments {
  double mean = 0, stddev = 0, min = 0, max = 0;
};

Moments moments(const TensorView& tensor) {
  Moments m;
  double squares = 0;
  for (const float value : tensor.values) {
    m.mean += value;
    squares += double{value} * value;
    m.min = std::min(m.min, double{value});
    m.max = std::max(m.max, double{value});
  }
  const auto n = static_cast<double>(tensor.values.size());
  m.mean /= n;
  m.stddev = std::sqrt(squares / n - m.mean * m.mean);
  return m;
}

NetworkSpec small() {
  return {"small",
          {8, 12, 12},
          {{"conv", Conv{.filters = 64, .kernel = 5, .groups = 2}},
           {"bn", BatchNorm{}},
           {"flatten", Flatten{}},
           {"dense", Dense{.units = 101,
                           .initial = {.kind = Initial::Kind::kGaussian, .stddev = 0.02F, .bias = 0.5F}}}}};
}

// torch.nn.Conv2d and Linear: U(-a, a), a = 1 / sqrt(fan_in), of weights and biases.
TEST(InitialWeights, FollowPyTorchsWhereAsked) {
  const Initial fan_in{.kind = Initial::Kind::kFanInUniform};
  const NetworkSpec spec{"small",
                         {8, 12, 12},
                         {{"conv", Conv{.filters = 64, .kernel = 5, .groups = 2, .initial = fan_in}},
                          {"flatten", Flatten{}},
                          {"dense", Dense{.units = 1000, .initial = fan_in}}}};
  const NamedTensors weights = initial_weights(spec, 7);
  const auto expect_limit = [&](const char* tensor, double limit, double reached) {
    const Moments m = moments(weights.at(tensor));
    EXPECT_GE(m.min, -limit) << tensor;
    EXPECT_LE(m.max, limit) << tensor;
    EXPECT_LT(m.min, -reached * limit) << tensor;
    EXPECT_GT(m.max, reached * limit) << tensor;
  };
  expect_limit("conv.weight", 1 / std::sqrt(4 * 25.0), 0.99);
  expect_limit("conv.bias", 1 / std::sqrt(4 * 25.0), 0.8);
  expect_limit("dense.weight", 1 / std::sqrt(64 * 64.0), 0.99);
  expect_limit("dense.bias", 1 / std::sqrt(64 * 64.0), 0.98);
}

TEST(InitialWeights, FollowTheirDistributions) {
  const NamedTensors weights = initial_weights(small(), 7);
  ASSERT_EQ(weights.size(), 8U);

  // Glorot: sqrt(6 / (25 * (8 / 2) + 25 * (64 / 2))); a uniform's standard deviation is its limit / sqrt(3).
  const double limit = std::sqrt(6.0 / 900.0);
  const Moments conv = moments(weights.at("conv.weight"));
  EXPECT_GE(conv.min, -limit);
  EXPECT_LE(conv.max, limit);
  EXPECT_LT(conv.min, -0.99 * limit);
  EXPECT_GT(conv.max, 0.99 * limit);
  EXPECT_NEAR(conv.mean, 0.0, 4 * limit / std::sqrt(3.0 * 6400));
  EXPECT_NEAR(conv.stddev, limit / std::sqrt(3.0), 0.03 * limit);

  const Moments dense = moments(weights.at("dense.weight"));
  EXPECT_NEAR(dense.mean, 0.0, 0.0005);
  EXPECT_NEAR(dense.stddev, 0.02, 0.0003);
  EXPECT_GT(dense.max, 0.02 * 3.5);  // a normal's tails: 413,696 draws reach beyond 3.5 standard deviations

  const auto all = [&](const char* name, float value) {
    return std::ranges::all_of(weights.at(name).values, [&](float v) { return v == value; });
  };
  EXPECT_TRUE(all("conv.bias", 0.0F));
  EXPECT_TRUE(all("dense.bias", 0.5F));
  EXPECT_TRUE(all("bn.weight", 1.0F));
  EXPECT_TRUE(all("bn.bias", 0.0F));
  EXPECT_TRUE(all("bn.running_mean", 0.0F));
  EXPECT_TRUE(all("bn.running_var", 1.0F));
}

TEST(InitialWeights, AreAFunctionOfTheSeedAlone) {
  const auto same = [](const NamedTensors& a, const NamedTensors& b, const char* name) {
    return std::ranges::equal(a.at(name).values, b.at(name).values);
  };
  const int threads = thread_count();
  const NamedTensors many = initial_weights(small(), 7);
  set_thread_count(1);
  const NamedTensors one = initial_weights(small(), 7);
  set_thread_count(threads);
  const NamedTensors other = initial_weights(small(), 8);
  for (const char* name : {"conv.weight", "dense.weight"}) {
    EXPECT_TRUE(same(many, one, name)) << name;
    EXPECT_FALSE(same(many, other, name)) << name;
  }
}

TEST(InitialWeights, DifferBetweenTensorsOfOneShape) {
  const NetworkSpec spec{
      "twins", {3, 1, 1}, {{"f", Flatten{}}, {"a", Dense{.units = 3}}, {"b", Dense{.units = 3}}}};
  const NamedTensors weights = initial_weights(spec, 1);
  EXPECT_FALSE(std::ranges::equal(weights.at("a.weight").values, weights.at("b.weight").values));
}

}  // namespace
}  // namespace alexnet
