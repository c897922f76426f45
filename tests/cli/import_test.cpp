// alexnet import: a file like torchvision's becomes a model, and the report says how.
#include <gtest/gtest.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "alexnet/classifier.h"
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
  const json& outputs = report.at("comparison").at("numbers").at("outputs");
  EXPECT_LE(outputs.at("largest_difference"), outputs.at("bound"));
  EXPECT_TRUE(report.at("equal").get<bool>());

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
  for (const char* wrong : {"grb", "", "mean=1/2", "std=x", "resize=0", "resize=9x", "range=0..2",
                            "interpolation=lanczos", "antialias=1", "crop=centre", "bgr,,rgb"})
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
  ASSERT_EQ(run(folder_, {"import", "other.onnx", "--out", "m.safetensors", "--assume",
                          "resize=10x9,interpolation=bicubic,antialias=off,crop=floor"})
                .code,
            0);
  const Preprocessing steps = load_model(folder_ / "m.safetensors").preprocessing;
  EXPECT_EQ(steps.resize, Resize(9, 10));
  EXPECT_EQ(steps.interpolation, Interpolation::kBicubic);
  EXPECT_FALSE(steps.antialias);
  EXPECT_TRUE(steps.floor_crop);
}

constexpr int kSide = 8;  // of write_model()'s images

/// In place of Python: gives the arrays of the folder `answers` as the outputs of the layers, and keeps the
/// input.
class ImportBesideAnotherProgram : public Import {
 protected:
  ImportBesideAnotherProgram() {
    const std::filesystem::path program = folder_ / "python";
    write(program, "#!/bin/sh\ncp \"$3\" '" + (folder_ / "input.npy").string() + "'\ncp '" +
                       (folder_ / "answers").string() + "'/*.npy \"$4\"\necho Other 1.0\n");
    std::filesystem::permissions(program, std::filesystem::perms::owner_all);
    ::setenv("ALEXNET_PYTHON", program.c_str(), 1);
    std::filesystem::create_directory(folder_ / "answers");
    write_model(folder_ / "own.safetensors");
  }
  /// Of the layers conv, fc, flatten, prob and relu, as the program asks for them.
  void answer(float conv, float logit) const {
    const Shape image = {4, 1, kSide, kSide}, flat = {4, kSide * kSide};
    const auto save = [&](int number, const Shape& shape, float value) {
      const Tensor values(shape, std::vector<float>(static_cast<std::size_t>(element_count(shape)), value));
      write_npy(folder_ / "answers" / (std::to_string(number) + ".npy"), values.shape, values.values);
    };
    save(0, image, conv);
    save(1, {4, 2}, logit);
    save(2, flat, 1);
    save(3, {4, 2}, 0.5F);
    save(4, image, 1);
  }
};

TEST_F(ImportBesideAnotherProgram, ComparesEachLayer) {
  answer(1, 1);
  const Result differs = run(folder_, {"export", "own.safetensors", "--out", "m.onnx", "--report", "r.json"});
  EXPECT_EQ(differs.code, 1) << differs.out << differs.err;
  EXPECT_NE(differs.out.find("verdict: differs from Other 1.0"), std::string::npos) << differs.out;

  // What this program computes from the same input, in the order that it asks for.
  const Tensor input = read_npy(folder_ / "input.npy");  // one channel: channels may be first or last
  const Model model = load_model(folder_ / "own.safetensors");
  const char* layers[] = {"conv", "fc", "flatten", "prob", "relu"};
  for (int i = 0; i < 5; ++i) {
    const Tensor output = forward(model, {{4, kSide, kSide, 1}, input.values}, layers[i], "reference");
    write_npy(folder_ / "answers" / (std::to_string(i) + ".npy"), output.shape, output.values);
  }
  const Result same =
      run(folder_, {"import", "m.onnx", "--out", "m.safetensors", "--report", "r.html", "--json"});
  EXPECT_EQ(same.code, 0) << same.out << same.err;
  const json report = json::parse(same.out);
  EXPECT_EQ(report.at("verdict"), "equal to Other 1.0");
  std::vector<std::string> compared;
  for (const json& layer : report.at("comparison").at("numbers").at("layers"))
    compared.push_back(layer.at("layer"));
  EXPECT_EQ(compared, (std::vector<std::string>{"conv", "relu", "flatten", "fc", "prob"}));
  const std::string page = content(folder_ / "r.html");
  for (const char* text : {"<!doctype html>", "equal to Other 1.0", "<td>fc.weight</td>", "</html>"})
    EXPECT_NE(page.find(text), std::string::npos) << text;
}

TEST_F(ImportBesideAnotherProgram, RefusesAnAnswerOfAnotherSize) {
  answer(1, 1);
  write_npy(folder_ / "answers" / "1.npy", {4, 3}, std::vector<float>(12, 0.0F));
  expect_refusal(run(folder_, {"export", "own.safetensors", "--out", "m.onnx", "--report", "r.json"}), 3,
                 "computes another number of outputs of fc");
}

TEST_F(Import, ComparesPhotosToo) {
  write_model(folder_ / "own.safetensors");
  write_class_folders(folder_ / "photos", 2);
  const Result result =
      run(folder_, {"export", "own.safetensors", "--out", "m.onnx", "--images", "photos", "--json"});
  ASSERT_EQ(result.code, 0) << result.out << result.err;
  const json images = json::parse(result.out).at("report").at("comparison").at("images");
  EXPECT_EQ(images.at("input"), "photos");
  EXPECT_GT(images.at("images"), 0);
  EXPECT_EQ(images.at("same_top1"), images.at("images"));
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
