// eval, classify, forward and info on a model whose answers are known.
#include "alexnet/model.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "formats/safetensors/safetensors.h"
#include "tests/cli/run_command.h"
#include "tests/cli/samples.h"

namespace alexnet {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

class ModelCommands : public CliTest {
 protected:
  ModelCommands() { write_model(folder_ / "m.safetensors"); }
};

using Eval = ModelCommands;
using Classify = ModelCommands;
using Forward = ModelCommands;
using Info = ModelCommands;
using Export = ModelCommands;

TEST_F(Eval, JsonHasTheContractsKeysAndTheRightValues) {
  write_idx(folder_ / "data", "t10k", 10);
  for (const char* engine : {"cpu", "reference"}) {
    const Result result =
        run(folder_, {"eval", "m.safetensors", "data", "--json", "--engine", engine, "--threads", "1"});
    EXPECT_EQ(result.code, 0) << result.err;
    ASSERT_EQ(line_count(result.out), 1);
    const json metrics = json::parse(result.out);
    EXPECT_EQ(metrics.at("images"), 10);
    EXPECT_EQ(metrics.at("top1"), 1.0);
    EXPECT_EQ(metrics.at("top5"), 1.0);
    EXPECT_EQ(metrics.at("skipped"), 0);
    EXPECT_LT(metrics.at("loss"), 0.1);
    EXPECT_EQ(metrics.at("confusion"), json({{5, 0}, {0, 5}}));
    EXPECT_EQ(metrics.at("classes").at(1).at("class"), "below");
    EXPECT_EQ(metrics.at("classes").at(1).at("recall"), 1.0);
  }
}

TEST_F(Eval, TextShowsEveryClass) {
  write_class_folders(folder_ / "images", 2);
  const Result result = run(folder_, {"eval", "m.safetensors", "images"});
  EXPECT_EQ(result.code, 0) << result.err;
  for (const char* text : {"above", "below", "precision", "top-1 1.0000", "4 images"})
    EXPECT_NE(result.out.find(text), std::string::npos) << text << " is missing from\n" << result.out;
}

TEST_F(Eval, ImagesThatCannotBeReadAreSkippedAndTheRestCounts) {
  write_class_folders(folder_ / "images", 3);
  write(folder_ / "images/above/bad.jpg", "this is text");
  const Result result = run(folder_, {"eval", "m.safetensors", "images", "--json"});
  EXPECT_EQ(result.code, 3);
  const json metrics = json::parse(result.out);
  EXPECT_EQ(metrics.at("images"), 6);
  EXPECT_EQ(metrics.at("skipped"), 1);
  EXPECT_EQ(metrics.at("top1"), 1.0);
  EXPECT_NE(result.err.find("bad.jpg"), std::string::npos) << result.err;
  EXPECT_EQ(run(folder_, {"eval", "m.safetensors", "images", "--strict"}).code, 3);
}

TEST_F(Eval, SeveralModelsAnswerTogether) {
  write_class_folders(folder_ / "images", 3);
  const Result one = run(folder_, {"eval", "m.safetensors", "images", "--json"});
  const Result two = run(folder_, {"eval", "m.safetensors", "m.safetensors", "images", "--json"});
  EXPECT_EQ(two.code, 0) << two.err;
  EXPECT_NEAR(json::parse(two.out).at("loss").get<double>(), json::parse(one.out).at("loss").get<double>(),
              1e-6);
}

TEST_F(Eval, WeightsMayBeRounded) {
  write_class_folders(folder_ / "images", 3);
  const auto loss = [&](const char* precision) {
    const Result result =
        run(folder_, {"eval", "m.safetensors", "images", "--json", "--precision", precision});
    EXPECT_EQ(result.code, 0) << result.err;
    return json::parse(result.out).at("loss").get<double>();
  };
  const double exact = loss("f32");
  for (const char* precision : {"bf16", "int8"}) {
    EXPECT_NE(loss(precision), exact) << precision;
    EXPECT_NEAR(loss(precision), exact, 0.05 * exact + 1e-3) << precision;
  }
  expect_refusal(run(folder_, {"eval", "m.safetensors", "images", "--precision", "fp16"}), 2, "--precision");
}

TEST_F(Eval, DataThatDoesNotFitIsRefused) {
  expect_refusal(run(folder_, {"eval", "m.safetensors", "nowhere"}), 3, "nowhere");
  fs::create_directory(folder_ / "empty");
  expect_refusal(run(folder_, {"eval", "m.safetensors", "empty"}), 3, "empty");
  write_png(folder_ / "zoo/zebra/1.png", true);
  expect_refusal(run(folder_, {"eval", "m.safetensors", "zoo"}), 3, "zebra");
}

TEST_F(Classify, JsonIsALinePerImage) {
  write_png(folder_ / "a.png", true);
  write_png(folder_ / "b.png", false);
  const Result result = run(folder_, {"classify", "m.safetensors", "a.png", "b.png", "--json"});
  EXPECT_EQ(result.code, 0) << result.err;
  ASSERT_EQ(line_count(result.out), 2) << result.out;
  const json first = json::parse(lines_of(result.out)[0]), second = json::parse(lines_of(result.out)[1]);
  EXPECT_EQ(first.at("file"), "a.png");
  ASSERT_EQ(first.at("predictions").size(), 2);
  EXPECT_EQ(first.at("predictions").at(0).at("class"), "above");
  EXPECT_GT(first.at("predictions").at(0).at("probability"), 0.9);
  EXPECT_EQ(second.at("predictions").at(0).at("class"), "below");
}

TEST_F(Classify, TakesFoldersListsAndTop) {
  write_class_folders(folder_ / "images", 2);
  write(folder_ / "images/notes.txt", "not an image");
  const Result inside = run(folder_, {"classify", "m.safetensors", "images", "--top", "1", "--json"});
  EXPECT_EQ(inside.code, 0) << inside.err;
  ASSERT_EQ(line_count(inside.out), 4) << inside.out;
  EXPECT_EQ(json::parse(lines_of(inside.out)[0]).at("file"), "images/above/0.png");
  EXPECT_EQ(json::parse(lines_of(inside.out)[3]).at("predictions").size(), 1);
  const Result listed =
      run(folder_, {"classify", "m.safetensors", "-", "--json"}, "images/above/0.png\n\nimages/below/1.png");
  EXPECT_EQ(listed.code, 0) << listed.err;
  EXPECT_EQ(line_count(listed.out), 2);
}

TEST_F(Classify, SeesOfAFolderWhatTrainingSees) {
  write_png(folder_ / "images/a.png", true);
  for (const char* ignored : {".b.png", "__MACOSX/c.png", ".thumbnails/deep/d.png"})
    write_png(folder_ / "images" / ignored, true);
  write(folder_ / "images/._a.png", "what a Mac leaves in archives");
  const auto files = [&](const std::string& argument) {
    const Result result = run(folder_, {"classify", "m.safetensors", argument, "--json"});
    EXPECT_EQ(result.code, 0) << result.err;
    std::vector<std::string> names;
    for (const std::string& line : lines_of(result.out))
      names.push_back(json::parse(line).at("file").get<std::string>());
    return names;
  };
  using Names = std::vector<std::string>;
  EXPECT_EQ(files("images"), Names{"images/a.png"});
  // What is named is meant.
  EXPECT_EQ(files("images/.b.png"), Names{"images/.b.png"});
  EXPECT_EQ(files("images/__MACOSX"), Names{"images/__MACOSX/c.png"});
}

TEST_F(Classify, TextNamesTheImageAndItsClasses) {
  write_png(folder_ / "a.png", true);
  const Result result = run(folder_, {"classify", "m.safetensors", "a.png"});
  const auto lines = lines_of(result.out);
  ASSERT_EQ(lines.size(), 3U) << result.out;
  EXPECT_EQ(lines[0], "a.png");
  EXPECT_TRUE(lines[1].starts_with("  above")) << lines[1];
  EXPECT_TRUE(lines[1].ends_with("%")) << lines[1];
}

TEST_F(Classify, BadImagesAreNamedAndTheRestIsDone) {
  write_png(folder_ / "good.png", true);
  write(folder_ / "text.jpg", "this is text");
  write(folder_ / "empty.jpg", "");
  const std::string whole = content(folder_ / "good.png");
  write(folder_ / "cut.png", whole.substr(0, whole.size() / 2));
  fs::create_directory(folder_ / "folder.jpg");
  ASSERT_EQ(::mkfifo((folder_ / "fifo.jpg").c_str(), 0600), 0);
  fs::create_symlink("loop.jpg", folder_ / "loop.jpg");
  const std::vector<std::string> bad = {"text.jpg", "empty.jpg", "cut.png",  "folder.jpg",
                                        "fifo.jpg", "loop.jpg",  "none.png", "odd\n\xff.png"};
  std::vector<std::string> arguments = {"classify", "m.safetensors", "good.png", "--json"};
  arguments.insert(arguments.end(), bad.begin(), bad.end());
  const Result result = run(folder_, arguments);
  EXPECT_EQ(result.code, 3);
  ASSERT_EQ(line_count(result.out), static_cast<int>(bad.size()) + 1) << result.out;
  int good = 0;
  for (const std::string& line : lines_of(result.out)) {
    const json one = json::parse(line);
    good += one.contains("predictions") ? 1 : 0;
    EXPECT_NE(one.contains("predictions"), one.contains("error")) << line;
  }
  EXPECT_EQ(good, 1);

  const Result text = run(folder_, {"classify", "m.safetensors", "text.jpg", "good.png"});
  EXPECT_EQ(text.code, 3);
  EXPECT_EQ(line_count(text.err), 1) << text.err;
  EXPECT_NE(text.err.find("text.jpg"), std::string::npos);
  EXPECT_TRUE(text.out.starts_with("good.png")) << text.out;
}

TEST_F(Classify, FoldersGiveImagesOfAllFormatsWhateverTheirNames) {
  write_png(folder_ / "images/a.png", true);
  write(folder_ / "images/sign.PPM", "P3 1 1 255 1 2 3");
  write(folder_ / "images/scan", "P2 # no extension\n2 1 255 0 255");
  write(folder_ / "images/notes.txt", "text");
  const Result result = run(folder_, {"classify", "m.safetensors", "images", "--json"});
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(line_count(result.out), 3) << result.out;
}

TEST_F(Classify, FormatsThatAreNotReadAreNamed) {
  write(folder_ / "photo.heic", std::string("\0\0\0\x18"
                                            "ftypheic\0\0\0\0mif1heic",
                                            24));
  const Result result = run(folder_, {"classify", "m.safetensors", "photo.heic"});
  EXPECT_EQ(result.code, 3);
  EXPECT_NE(result.err.find(
                "photo.heic: is a HEIC image, which this program does not read; convert it to JPEG or PNG"),
            std::string::npos)
      << result.err;
}

TEST_F(Classify, LoopsOfLinksEnd) {
  write_png(folder_ / "images/a.png", true);
  fs::create_directory_symlink("..", folder_ / "images/up");
  const Result result = run(folder_, {"classify", "m.safetensors", "images", "--json"});
  EXPECT_EQ(result.code, 0);
  EXPECT_EQ(line_count(result.out), 1);
}

TEST_F(Classify, ReaderThatLeavesEndsItQuietly) {
  write_class_folders(folder_ / "images", 20);
  const Result result =
      run_shell(folder_, "\"$ALEXNET\" classify m.safetensors images --batch 1 | head -n 1");
  EXPECT_EQ(result.err, "");
  EXPECT_EQ(line_count(result.out), 1);
}

TEST_F(Classify, FullDiskIsAnError) {
  if (!fs::exists("/dev/full")) GTEST_SKIP() << "this machine has no /dev/full";
  write_png(folder_ / "a.png", true);
  const Result result = run_shell(folder_, "\"$ALEXNET\" classify m.safetensors a.png >/dev/full");
  expect_refusal(result, 3, "standard output");
}

TEST_F(Forward, WritesTheOutputOfAnyLayer) {
  std::vector<float> values(3 * 64);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i % 7) - 3;
  write_npy(folder_ / "x.npy", {3, 8, 8, 1}, values);
  const Result result =
      run(folder_, {"forward", "m.safetensors", "--input", "x.npy", "--output", "y.npy", "--json"});
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(json::parse(result.out).at("shape"), json({3, 2}));
  EXPECT_EQ(read_npy(folder_ / "y.npy").shape, (Shape{3, 2}));
  ASSERT_EQ(
      run(folder_, {"forward", "m.safetensors", "--input", "x.npy", "--output", "r.npy", "--layer", "relu"})
          .code,
      0);
  const Tensor relu = read_npy(folder_ / "r.npy");
  EXPECT_EQ(relu.shape, (Shape{3, 8, 8, 1}));
  for (std::size_t i = 0; i < values.size(); ++i) EXPECT_EQ(relu.values[i], std::max(values[i], 0.0F));
}

TEST_F(Forward, RefusesWhatDoesNotFit) {
  write_npy(folder_ / "x.npy", {1, 8, 8, 1}, std::vector<float>(64));
  write_npy(folder_ / "wide.npy", {1, 8, 9, 1}, std::vector<float>(72));
  const auto forward = [&](const std::vector<std::string>& rest) {
    std::vector<std::string> arguments = {"forward", "m.safetensors"};
    arguments.insert(arguments.end(), rest.begin(), rest.end());
    return run(folder_, arguments);
  };
  expect_refusal(forward({"--input", "x.npy", "--output", "y.npy", "--layer", "conv9"}), 2, "conv9");
  expect_refusal(forward({"--input", "wide.npy", "--output", "y.npy"}), 2, "8x9");
  expect_refusal(forward({"--input", "m.safetensors", "--output", "y.npy"}), 3, "m.safetensors");
  expect_refusal(forward({"--input", "none.npy", "--output", "y.npy"}), 3, "none.npy");
  expect_refusal(forward({"--input", "x.npy", "--output", "x.npy/y.npy"}), 3, "x.npy/y.npy");
  // Before anything is read.
  expect_refusal(forward({"--input", "none.npy", "--output", "nowhere/y.npy"}), 3, "nowhere/y.npy");
  EXPECT_FALSE(fs::exists(folder_ / "y.npy"));
}

TEST_F(Info, SaysWhatAModelFileHolds) {
  const Result result = run(folder_, {"info", "m.safetensors", "--json", "--threads", "1"});
  EXPECT_EQ(result.code, 0) << result.err;
  const json info = json::parse(result.out);
  EXPECT_EQ(info.at("classes"), json({"above", "below"}));
  EXPECT_EQ(info.at("tensors").size(), 4);
  EXPECT_EQ(info.at("parameters"), 1 + 1 + 128 + 2);
  EXPECT_EQ(info.at("preprocessing").at("crop_width"), 8);
  EXPECT_EQ(info.at("provenance").at("data"), "made by hand");
  const Result text = run(folder_, {"info", "m.safetensors"});
  EXPECT_NE(text.out.find("halves"), std::string::npos);
  EXPECT_NE(text.out.find("2: above, below"), std::string::npos) << text.out;
}

TEST_F(Export, WritesFilesThatAreTheSameModel) {
  const Result result =
      run(folder_, {"export", "m.safetensors", "--to", "onnx", "--out", "m.onnx", "--json"});
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(json::parse(result.out).at("bytes"), fs::file_size(folder_ / "m.onnx"));
  // The ending chooses the format.
  EXPECT_EQ(run(folder_, {"export", "m.onnx", "--out", "back.safetensors"}).code, 0);
  EXPECT_EQ(content(folder_ / "back.safetensors"), content(folder_ / "m.safetensors"));
  expect_refusal(run(folder_, {"export", "m.safetensors", "--out", "m.clay"}), 2, "m.clay");
  expect_refusal(run(folder_, {"export", "m.safetensors", "--out", "b.safetensors", "--with-preprocessing"}),
                 2, "preprocessing");
}

TEST_F(Info, RunFoldersStandForTheirBestModel) {
  fs::create_directory(folder_ / "run");
  expect_refusal(run(folder_, {"info", "run"}), 3, "run");
  write(folder_ / "run/best.safetensors", "broken");
  fs::copy(folder_ / "m.safetensors", folder_ / "run/last.safetensors");
  expect_refusal(run(folder_, {"info", "run"}), 3, "best.safetensors");
  fs::remove(folder_ / "run/best.safetensors");
  EXPECT_EQ(run(folder_, {"info", "run"}).code, 0);
}

TEST_F(Info, ShowsBareWeightsWhichOtherCommandsRefuse) {
  NamedTensors tensors;
  tensors.emplace("mean", TensorView::own(Tensor({3}, {102, 51, 255})));
  tensors.emplace("conv1.weight", TensorView::own(Tensor({4, 3, 3, 3})));
  const std::string lrn = "n=5 alpha=1e-4 (divided by n) beta=0.75 k=1";
  save_tensors(tensors,
               {{"source", "a museum"},
                {"channel_order", "BGR"},
                {"input", "0..255 minus mean, 227x227 crop of 256x256"},
                {"groups", "conv2=2"},
                {"lrn", lrn}},
               folder_ / "bare.safetensors");
  const Result result = run(folder_, {"info", "bare.safetensors", "--json"});
  EXPECT_EQ(result.code, 0) << result.err;
  const json info = json::parse(result.out);
  EXPECT_TRUE(info.at("network").is_null());
  EXPECT_EQ(info.at("preprocessing").at("channel_order"), "bgr");
  EXPECT_EQ(info.at("tensors").size(), 2);
  EXPECT_EQ(info.at("groups"), json({{"conv2", 2}}));
  EXPECT_EQ(info.at("lrn"), lrn);
  const Result text = run(folder_, {"info", "bare.safetensors"});
  for (const char* word : {"none: weights", "blue-green-red", "a museum", "conv2=2"})
    EXPECT_NE(text.out.find(word), std::string::npos) << word << " is missing from\n" << text.out;
  for (const std::vector<std::string>& rest :
       {std::vector<std::string>{"classify", "bare.safetensors", "x.png"},
        {"eval", "bare.safetensors", "data"},
        {"summary", "--model", "bare.safetensors"}})
    expect_refusal(run(folder_, rest), 3, "alexnet train DATA --init bare.safetensors");
}

TEST_F(Info, FilesOfOtherFormatsAreNamedByTheirContent) {
  write_png(folder_ / "photo.png", true);
  expect_refusal(run(folder_, {"info", "photo.png"}), 3, "like a PNG image");
}

TEST_F(Info, BrokenModelsAreRefused) {
  const std::string whole = content(folder_ / "m.safetensors");
  write(folder_ / "cut.safetensors", whole.substr(0, whole.size() - 10));
  write(folder_ / "empty.safetensors", "");
  write(folder_ / "text.safetensors", "this is not a model, but it is long enough to have a header");
  std::string lying = whole;
  lying[7] = '\x7f';
  write(folder_ / "lying.safetensors", lying);
  for (const char* name : {"cut.safetensors", "empty.safetensors", "text.safetensors", "lying.safetensors",
                           "none.safetensors"}) {
    expect_refusal(run(folder_, {"info", name}), 3, name);
    expect_refusal(run(folder_, {"classify", name, "x.png"}), 3, name);
    expect_refusal(run(folder_, {"eval", name, "data", "--json"}), 3, name);
    expect_refusal(run(folder_, {"summary", "--model", name}), 3, name);
  }
}

}  // namespace
}  // namespace alexnet
