// Help, versions, and command lines that cannot be.
#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>

#include "tests/cli/run_command.h"
#include "tests/cli/samples.h"
#include "text/text.h"

namespace alexnet {
namespace {

using Usage = CliTest;

void expect_80_columns(const std::string& text) {
  for (const std::string& line : lines_of(text)) EXPECT_LE(text_width(line), 80) << line;
}

TEST_F(Usage, HelpFitsATerminal) {
  const Result bare = run(folder_, {});
  EXPECT_EQ(bare.code, 0);
  EXPECT_EQ(bare.out, run(folder_, {"--help"}).out);
  expect_80_columns(bare.out);
  for (const char* command :
       {"demo", "train", "classify", "embed", "eval", "explain", "filters", "forward", "import", "export",
        "info", "similar", "summary", "presets", "zoo", "data", "bench"}) {
    EXPECT_NE(bare.out.find(command), std::string::npos);
    const Result help = run(folder_, {command, "--help"});
    EXPECT_EQ(help.code, 0);
    EXPECT_EQ(help.err, "");
    EXPECT_NE(help.out.find(std::string("Usage: alexnet ") + command), std::string::npos) << help.out;
    expect_80_columns(help.out);
  }
}

TEST_F(Usage, TrainHelpHasTheContractsFlags) {
  const std::string help = run(folder_, {"train", "--help"}).out;
  for (const char* flag :
       {"--out",       "--epochs", "--batch",  "--lr",      "--momentum", "--l2",        "--seed",
        "--threads",   "--size",   "--resize", "--crop",    "--dropout",  "--augment",   "--shuffle",
        "--max-steps", "--engine", "--cache",  "--config",  "--val",      "--val-split", "--schedule",
        "--init",      "--freeze", "--strict", "--max-bad", "--resume",   "--json"})
    EXPECT_NE(help.find(std::string("\n  ") + flag + " "), std::string::npos) << flag;
}

TEST_F(Usage, Version) {
  const Result result = run(folder_, {"--version"});
  EXPECT_EQ(result.code, 0);
  EXPECT_TRUE(result.out.starts_with("alexnet ")) << result.out;
  EXPECT_EQ(line_count(result.out), 1);
}

TEST_F(Usage, WhatCannotBeIsRefusedInOneLine) {
  expect_refusal(run(folder_, {"fly"}), 2, "fly");
  expect_refusal(run(folder_, {"summary", "--bogus"}), 2, "--bogus");
  expect_refusal(run(folder_, {"summary", "--size", "many"}), 2, "--size");
  expect_refusal(run(folder_, {"summary", "--size", "0"}), 2, "--size");
  expect_refusal(run(folder_, {"summary", "--classes"}), 2, "--classes");
  expect_refusal(run(folder_, {"summary", "--size", "99", "--width", "120"}), 2, "--width");
  expect_refusal(run(folder_, {"summary", "--model", "run", "--classes", "3"}), 2, "--classes");
  expect_refusal(run(folder_, {"eval"}), 2, "MODEL");
  expect_refusal(run(folder_, {"eval", "m"}), 2, "DATA");
  expect_refusal(run(folder_, {"eval", "m", "d", "--engine", "steam"}), 2, "--engine");
  expect_refusal(run(folder_, {"classify", "m", "p", "--threads", "-1"}), 2, "--threads");
  expect_refusal(run(folder_, {"forward", "m"}), 2, "--input");
  expect_refusal(run(folder_, {"export", "m"}), 2, "--out");
  expect_refusal(run(folder_, {"export", "m", "--out", "x", "--to", "clay"}), 2, "--to");
  expect_refusal(run(folder_, {"train"}), 2, "data");
  expect_refusal(run(folder_, {"train", "d", "--lr", "-1"}), 2, "--lr");
  expect_refusal(run(folder_, {"train", "d", "--epochs", "1.5"}), 2, "--epochs");
  expect_refusal(run(folder_, {"train", "d", "--augment", "wild"}), 2, "--augment");
  expect_refusal(run(folder_, {"train", "--resume", "r", "--recipe", "paper"}), 2, "--recipe");
  expect_refusal(run(folder_, {"train", "--resume", "r", "--lr", "1"}), 3, "r: does not contain a run");
}

TEST_F(Usage, ControlCharactersDoNotReachTheTerminal) {
  const Result result = run(folder_, {"info", "a\x1b[31m\nb"});
  EXPECT_EQ(result.code, 3);
  EXPECT_EQ(line_count(result.err), 1);
  EXPECT_EQ(result.err.find('\x1b'), std::string::npos);
}

TEST_F(Usage, PresetsAreListedWithTheirPublishedCounts) {
  const Result text = run(folder_, {"presets"});
  EXPECT_EQ(text.code, 0);
  expect_80_columns(text.out);
  const auto list = nlohmann::json::parse(run(folder_, {"presets", "--json"}).out);
  std::map<std::string, std::int64_t> weights;
  for (const auto& preset : list) {
    const auto summary =
        nlohmann::json::parse(run(folder_, {"summary", "--json", "--preset", preset.at("name")}).out);
    EXPECT_EQ(summary.at("weights"), preset.at("weights"));
    EXPECT_NE(text.out.find(preset.at("source").get<std::string>()), std::string::npos);
    weights[preset.at("name")] = preset.at("weights");
  }
  EXPECT_EQ(weights.at("paper"), 60'965'224);  // Caffe's count of the paper's layers
  EXPECT_EQ(weights.at("owt"), 61'100'840);    // torchvision's
  EXPECT_EQ(weights.size(), 7U);
  expect_refusal(run(folder_, {"summary", "--preset", "lenet"}), 2, "cifar-relu-tanh");
  expect_refusal(run(folder_, {"train", "data", "--preset", "lenet"}), 2, "cifar-relu-tanh");
  expect_refusal(run(folder_, {"train", "data", "--recipe", "cake"}), 2, "paper");
}

TEST_F(Usage, SummaryCountsTheArticlesParameters) {
  const Result result = run(folder_, {"summary", "--json"});
  EXPECT_EQ(result.code, 0);
  const auto summary = nlohmann::json::parse(result.out);
  EXPECT_EQ(summary.at("weights"), 62'378'344);
  EXPECT_EQ(summary.at("normalisation"), 38'272);
  EXPECT_EQ(summary.at("parameters"), 62'378'344 + 38'272);
  EXPECT_EQ(summary.at("layers").at(0).at("output"), nlohmann::json({57, 57, 96}));
}

TEST_F(Usage, SummaryIsATableOf80Columns) {
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"summary"},
        {"summary", "--width", "641", "--height", "480", "--classes", "21841"}}) {
    const Result result = run(folder_, arguments);
    EXPECT_EQ(result.code, 0);
    expect_80_columns(result.out);
    EXPECT_NE(result.out.find("conv5"), std::string::npos);
  }
  expect_refusal(run(folder_, {"summary", "--size", "20"}), 2, "57x57");
}

}  // namespace
}  // namespace alexnet
