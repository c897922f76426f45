// Grad-CAM, occlusion and integrated gradients of the article's network beside PyTorch's
// (tools/make_explain_goldens.py).
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "alexnet/network.h"
#include "explain/method.h"
#include "tests/parity/engine_parity.h"
#include "tests/parity/keras_golden.h"

namespace alexnet {
namespace {

// Those of the script.
constexpr int kWidth = 99, kHeight = 67, kDepth = 3, kClasses = 7, kSeries = 0, kTarget = 2;
constexpr int kPatch = 16, kStride = 9, kSteps = 8;

/// We may be off by a few times what PyTorch in float32 is off from PyTorch in float64.
constexpr double kTimesPyTorch = 8;

struct Map {
  std::string name;  // of the golden file
  ExplainOptions options;
};

struct Case : Map {
  std::string engine;
};

void PrintTo(const Case& one, std::ostream* out) { *out << one.name << ", " << one.engine; }

Model model() {
  Model result;
  result.spec = build(kWidth, kHeight, kDepth, kClasses);
  result.weights = keras::weights(result.spec);
  return result;
}

std::unique_ptr<Method> make_method(const Case& one) {
  ExplainOptions options = one.options;
  options.engine = one.engine;
  switch (options.method) {
    case ExplainMethod::kGradCam:
      return make_grad_cam(model(), options);
    case ExplainMethod::kOcclusion:
      return make_occlusion(model(), options);
    case ExplainMethod::kIntegratedGradients:
      break;
  }
  return make_integrated_gradients(model(), options);
}

double float32_error(const std::string& name) {
  std::ifstream file(ALEXNET_TEST_DATA "/explain/float32_errors.json");
  return nlohmann::json::parse(file).at(name);
}

class BesidePyTorch : public testing::TestWithParam<Case> {};

TEST_P(BesidePyTorch, TheMapIsTheSame) {
  const Tensor expected = read_npy(ALEXNET_TEST_DATA "/explain/" + GetParam().name + ".npy");
  std::vector<float> input(static_cast<std::size_t>(kDepth * kHeight * kWidth));
  keras::fill_input(kSeries, 0, input);
  const Tensor map = make_method(GetParam())->map(input, kTarget);
  ASSERT_EQ(map.shape, expected.shape);
  double largest = 0, error = 0;
  for (std::size_t i = 0; i < map.values.size(); ++i) {
    ASSERT_TRUE(std::isfinite(map.values[i])) << i;
    largest = std::max(largest, std::abs(double{expected.values[i]}));
    error = std::max(error, std::abs(double{map.values[i]} - expected.values[i]));
  }
  ASSERT_GT(largest, 0);
  const double in_float32 = float32_error(GetParam().name);
  fmt::print("  {:28} worst error {:.1e} (PyTorch in float32 {:.1e})\n", GetParam().name, error / largest,
             in_float32);
  EXPECT_LE(error / largest, kTimesPyTorch * in_float32);
}

std::vector<Map> maps() {
  std::vector<Map> list;
  for (const std::string layer : {"conv5", "relu5", "pool2", "conv1"})
    list.push_back({"gradcam_" + layer, {.layer = layer}});
  list.push_back(
      {"integrated", {.method = ExplainMethod::kIntegratedGradients, .steps = kSteps, .batch = 8}});
  list.push_back(
      {"occlusion", {.method = ExplainMethod::kOcclusion, .patch = kPatch, .stride = kStride, .batch = 16}});
  return list;
}

std::vector<Case> cases() {
  // Plain loops would take half a minute for each of the others.
  const auto wanted = [](const EngineParity& engine, const Map& map) {
    return !engine.plain_loops || map.options.method == ExplainMethod::kGradCam;
  };
  return for_every_engine(maps(), wanted, [](const std::string& engine, const Map& map) {
    return Case{map, engine};
  });
}

INSTANTIATE_TEST_SUITE_P(Maps, BesidePyTorch, testing::ValuesIn(cases()), [](const auto& parameter) {
  return parameter.param.name + "_" + parameter.param.engine;
});

}  // namespace
}  // namespace alexnet
