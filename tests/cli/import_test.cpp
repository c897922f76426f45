// alexnet import: a file like torchvision's becomes a model, and the report says how.
#include <gtest/gtest.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "alexnet/model.h"
#include "alexnet/presets.h"
#include "formats/safetensors/safetensors.h"
#include "tests/cli/run_command.h"
#include "tests/cli/samples.h"

namespace alexnet {
namespace {

using nlohmann::json;

class Import : public CliTest {
 protected:
  Import() {
    // Without an interpreter, the reference engine is what remains to compare with.
    ::setenv("ALEXNET_PYTHON", "/nonexistent/python", 1);
    write(folder_ / "names.txt", "cat\ndog\r\nhen\n\n");
  }
  ~Import() override { ::unsetenv("ALEXNET_PYTHON"); }

  /// torchvision's AlexNet of three classes, with weights of a new network.
  void write_torchvision() const {
    const std::pair<const char*, const char*> layers[] = {
        {"conv1", "features.0"},  {"conv2", "features.3"}, {"conv3", "features.6"}, {"conv4", "features.8"},
        {"conv5", "features.10"}, {"fc6", "classifier.1"}, {"fc7", "classifier.4"}, {"fc8", "classifier.6"}};
    const NamedTensors weights = initial_weights(find_preset("owt").build(224, 224, 3, 3, 0), 1);
    NamedTensors renamed;
    for (const auto& [ours, theirs] : layers)
      for (const std::string end : {".weight", ".bias"}) renamed[theirs + end] = weights.at(ours + end);
    save_tensors(renamed, {{"format", "pt"}}, folder_ / "tv.safetensors");
  }
};

TEST_F(Import, MakesAModelOfTorchvisionsFile) {
  write_torchvision();
  const Result result = run(folder_, {"import", "tv.safetensors", "--out", "m.safetensors", "--classes",
                                      "names.txt", "--assume", "bgr,resize=300", "--report", "r.json"});
  ASSERT_EQ(result.code, 0) << result.err;
  for (const char* text : {"torchvision AlexNet", "features.10.weight", "256x256x3x3", "BGR (flag)",
                           "centre 224x224 (family)", "names.txt (flag)", "this program's reference engine",
                           "not with the program of the file: /nonexistent/python: cannot be run",
                           "this program's engines agree",
                           "alexnet import tv.safetensors --out m.safetensors --classes names.txt"})
    EXPECT_NE(result.out.find(text), std::string::npos) << text << " is missing from\n" << result.out;

  const json report = json::parse(content(folder_ / "r.json"));
  EXPECT_EQ(report.at("tensors").size(), 16U);
  EXPECT_EQ(report.at("tensors").at(0).at("source"), "features.0.weight");
  EXPECT_FALSE(report.at("comparison").at("with_source_program").get<bool>());
  EXPECT_LE(report.at("comparison").at("largest_difference"), report.at("comparison").at("bound"));

  const Model model = load_model(folder_ / "m.safetensors");
  EXPECT_EQ(model.classes, (std::vector<std::string>{"cat", "dog", "hen"}));
  EXPECT_TRUE(model.preprocessing.bgr);
  EXPECT_EQ(model.preprocessing.resize, 300);
  EXPECT_EQ(model.provenance.at("family"), "torchvision AlexNet");
  EXPECT_EQ(model.provenance.at("imported_from"), "tv.safetensors");
}

TEST_F(Import, RefusesWhatItCannotMakeAModelOf) {
  save_tensors({{"w", TensorView::own(Tensor({2}))}}, {}, folder_ / "bare.safetensors");
  expect_refusal(run(folder_, {"import", "bare.safetensors", "--out", "m.safetensors"}), 3,
                 "contains weights but no network");
  write_model(folder_ / "own.safetensors");
  const auto assumed = [&](const char* what) {
    return run(folder_, {"import", "own.safetensors", "--out", "m.safetensors", "--assume", what});
  };
  for (const char* wrong : {"grb", "", "mean=1/2", "std=x", "resize=0", "range=0..2", "bgr,,rgb"})
    expect_refusal(assumed(wrong), 2, *wrong == '\0' ? "--assume" : "is not valid");
  expect_refusal(
      run(folder_, {"import", "own.safetensors", "--out", "m.safetensors", "--classes", "names.txt"}), 3,
      "names.txt: names 3 classes, but the network has 2 outputs");
  EXPECT_FALSE(std::filesystem::exists(folder_ / "m.safetensors"));
}

TEST_F(Import, OnnxFilesOfOtherProgramsNeedToldPreparation) {
  write_model(folder_ / "own.safetensors");
  ASSERT_EQ(run(folder_, {"export", "own.safetensors", "--out", "own.onnx"}).code, 0);
  // Without this program's description, the file is like that of another program.
  std::string bytes = content(folder_ / "own.onnx");
  const std::string ours = "alexnet.", other = "another.";
  for (std::size_t at = 0; (at = bytes.find(ours, at)) != std::string::npos;)
    bytes.replace(at, ours.size(), other);
  write(folder_ / "other.onnx", bytes);
  expect_refusal(run(folder_, {"import", "other.onnx", "--out", "m.safetensors"}), 3, "--assume");
  expect_refusal(run(folder_, {"import", "other.onnx", "--out", "m.safetensors", "--assume", "range=0..1"}),
                 2, "resize=N");
  const Result result =
      run(folder_, {"import", "other.onnx", "--out", "m.safetensors", "--assume", "range=0..1,resize=9"});
  ASSERT_EQ(result.code, 0) << result.err;
  EXPECT_NE(result.out.find("numbers, 0 to 1 (default)"), std::string::npos) << result.out;
  const Model model = load_model(folder_ / "m.safetensors");
  EXPECT_EQ(model.classes, (std::vector<std::string>{"0", "1"}));
  EXPECT_EQ(model.preprocessing.resize, 9);
}

TEST_F(Import, MeansAreInUnitsOfTheRange) {
  write_model(folder_ / "own.safetensors");
  const Result result = run(folder_, {"import", "own.safetensors", "--out", "m.safetensors", "--assume",
                                      "range=0..255,mean=51,std=127.5"});
  ASSERT_EQ(result.code, 0) << result.err;
  const Preprocessing steps = load_model(folder_ / "m.safetensors").preprocessing;
  EXPECT_FLOAT_EQ(steps.mean[0], 0.2F);
  EXPECT_FLOAT_EQ(steps.stddev[0], 0.5F);
}

}  // namespace
}  // namespace alexnet
