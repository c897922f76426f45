// alexnet bench: what scripts read of it.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "tests/cli/run_command.h"
#include "tests/cli/samples.h"

namespace alexnet {
namespace {

using nlohmann::json;
using Bench = CliTest;

std::vector<std::string> small(const char* work) {
  return {"bench", work, "--size", "57", "--classes", "3", "--batch", "2"};
}

std::vector<std::string> with(std::vector<std::string> words, const std::vector<std::string>& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

TEST_F(Bench, JsonHasNumbersOfMachineAndSteps) {
  const Result result = run(folder_, with(small("train"), {"--seconds", "0", "--json"}));
  EXPECT_EQ(result.code, 0) << result.err;
  const json values = json::parse(result.out);
  EXPECT_GT(values.at("machine").at("f32_flops"), 1e9);
  EXPECT_GT(values.at("images_per_s"), 0);
  EXPECT_NEAR(values.at("images_per_s").get<double>() * values.at("step_s").at("median").get<double>(), 2,
              1e-9);
  EXPECT_EQ(values.at("operations").at(0).at("layers"), "conv1+relu1");
  EXPECT_GT(values.at("operations").at(0).at("backward_s"), 0);
}

TEST_F(Bench, TextFits80Columns) {
  const Result result = run(folder_, with(small("infer"), {"--seconds", "0"}));
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_NE(result.out.find("images/s"), std::string::npos) << result.out;
  for (const std::string& line : lines_of(result.out)) EXPECT_LE(line.size(), 80U) << line;
}

TEST_F(Bench, LayersAreMeasuredAlone) {
  const Result result = run(folder_, with(small("ops"), {"--filter", "fc8/", "--json"}));
  EXPECT_EQ(result.code, 0) << result.err;
  const json values = json::parse(result.out);
  EXPECT_GT(std::stod(values.at("context").at("f32_flops").get<std::string>()), 1e9);
  EXPECT_FALSE(values.at("context").at("processor").get<std::string>().empty());
  const json& benchmarks = values.at("benchmarks");
  ASSERT_EQ(benchmarks.size(), 2U);
  EXPECT_TRUE(benchmarks.at(1).at("name").get<std::string>().starts_with("fc8/backward"));
}

TEST_F(Bench, LayersStandBesideTheMachinesLimits) {
  const Result result = run(folder_, with(small("ops"), {"--filter", "fc8/forward"}));
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_TRUE(result.out.starts_with("machine  ")) << result.out;
  const std::size_t limits = result.out.find("GFLOP/s float32"), layer = result.out.find("fc8/forward");
  EXPECT_LT(limits, layer) << result.out;
  EXPECT_NE(layer, std::string::npos) << result.out;
}

TEST_F(Bench, ReadsImages) {
  write_class_folders(folder_ / "images", 3);
  const Result result =
      run(folder_, {"bench", "data", "images", "--resize", "24", "--size", "20", "--batch", "3", "--json"});
  EXPECT_EQ(result.code, 0) << result.err;
  const json values = json::parse(result.out);
  EXPECT_EQ(values.at("images"), 6);
  EXPECT_GE(values.at("machine").at("threads"), 1);
  EXPECT_FALSE(values.at("machine").at("instructions").get<std::string>().empty());
}

TEST_F(Bench, WhatCannotBeIsRefused) {
  expect_refusal(run(folder_, {"bench", "data"}), 2, "DATA");
  expect_refusal(run(folder_, {"bench", "data", "nowhere"}), 3, "nowhere");
  expect_refusal(run(folder_, {"bench", "infer", "images"}), 2, "images");
  // More memory than any machine of today has.
  expect_refusal(run(folder_, {"bench", "train", "--batch", "65536", "--size", "4000"}), 4, "memory");
  expect_refusal(run(folder_, with(small("train"), {"--precision", "int8"})), 2, "precision int8");
  expect_refusal(run(folder_, with(small("ops"), {"--filter", "nothing"})), 2, "nothing");
}

}  // namespace
}  // namespace alexnet
