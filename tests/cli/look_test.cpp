// explain, filters, embed and similar on a model whose answers are known.
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "alexnet/dataset.h"
#include "alexnet/model.h"
#include "charts/png.h"
#include "image/encode_jpeg.h"
#include "tests/cli/run_command.h"
#include "tests/cli/samples.h"

namespace alexnet {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

class LookCommands : public CliTest {
 protected:
  LookCommands() {
    write_model(folder_ / "m.safetensors");
    write_class_folders(folder_ / "images", 3);
  }
  void expect_drawn(const std::string& file) const {
    EXPECT_GT(load_image(folder_ / file, 3).width, 0) << file;
  }
};

using Explain = LookCommands;
using Filters = LookCommands;
using Embed = LookCommands;
using Similar = LookCommands;

TEST_F(Explain, WritesAnImageAndAMapForEachAndASheet) {
  for (const std::string method : {"gradcam", "occlusion", "integrated"}) {
    const Result result = run(folder_, {"explain", "m.safetensors", "images", "--method", method, "--json"});
    EXPECT_EQ(result.code, 0) << result.err;
    ASSERT_EQ(line_count(result.out), 6) << result.out;
    // above/0.png and below/0.png have the same name: neither is written over the other.
    const json first = json::parse(lines_of(result.out)[0]), fourth = json::parse(lines_of(result.out)[3]);
    EXPECT_EQ(first.at("file"), "images/above/0.png");
    EXPECT_EQ(first.at("explained").at("class"), "above");
    EXPECT_EQ(fourth.at("predicted").at("class"), "below");
    EXPECT_EQ(first.at("image"), "explained/0." + method + ".png");
    EXPECT_EQ(fourth.at("image"), "explained/0-2." + method + ".png");
    for (const json& one : {first, fourth}) {
      expect_drawn(one.at("image"));
      EXPECT_EQ(read_npy(folder_ / one.at("map").get<std::string>()).shape, (Shape{8, 8}));
    }
    expect_drawn("explained/sheet-1." + method + ".png");
  }
}

TEST_F(Explain, TakesAClassAndAFolderForResults) {
  const Result named = run(folder_, {"explain", "m.safetensors", "images/above/0.png", "--class", "below",
                                     "--out", "deep/folder", "--json"});
  EXPECT_EQ(named.code, 0) << named.err;
  EXPECT_EQ(json::parse(named.out).at("explained").at("class"), "below");
  EXPECT_EQ(json::parse(named.out).at("predicted").at("class"), "above");
  expect_drawn("deep/folder/0.gradcam.png");
  EXPECT_FALSE(fs::exists(folder_ / "deep/folder/sheet-1.gradcam.png"));
  const Result numbered = run(folder_, {"explain", "m.safetensors", "images/above/0.png", "--class", "1"});
  EXPECT_EQ(numbered.code, 0) << numbered.err;
  EXPECT_NE(numbered.out.find("below"), std::string::npos) << numbered.out;
}

TEST_F(Explain, ASheetTakesNoImagesName) {
  write_png(folder_ / "images/sheet-1.png", true);
  const Result result = run(folder_, {"explain", "m.safetensors", "images", "--json"});
  ASSERT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(json::parse(lines_of(result.out).back()).at("image"), "explained/sheet-1.gradcam.png");
  EXPECT_LT(load_image(folder_ / "explained/sheet-1.gradcam.png", 3).height,
            load_image(folder_ / "explained/sheet-1-2.gradcam.png", 3).height);
}

TEST_F(Explain, BadImagesAreNamedAndTheRestIsDone) {
  write(folder_ / "text.jpg", "this is text");
  const Result result =
      run(folder_, {"explain", "m.safetensors", "text.jpg", "none.png", "images/above/0.png"});
  EXPECT_EQ(result.code, 3);
  EXPECT_EQ(line_count(result.err), 2) << result.err;
  EXPECT_NE(result.err.find("text.jpg"), std::string::npos) << result.err;
  expect_drawn("explained/0.gradcam.png");
}

TEST_F(Explain, WhatCannotBeIsRefused) {
  const auto refused = [&](std::vector<std::string> flags, const std::string& what) {
    std::vector<std::string> arguments = {"explain", "m.safetensors", "images"};
    arguments.insert(arguments.end(), flags.begin(), flags.end());
    expect_refusal(run(folder_, arguments), 2, what);
  };
  refused({"--class", "sideways"}, "sideways");
  refused({"--class", "2"}, "'2'");
  refused({"--layer", "fc"}, "fc");
  refused({"--layer", "conv9"}, "conv9");
  refused({"--method", "magic"}, "--method");
  refused({"--method", "occlusion", "--patch", "9"}, "patch");
  write(folder_ / "file", "");
  expect_refusal(run(folder_, {"explain", "m.safetensors", "images", "--out", "file/folder"}), 3,
                 "file/folder");
}

TEST_F(Filters, DrawsTheKernels) {
  const Result result = run(folder_, {"filters", "m.safetensors", "--json"});
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(json::parse(result.out), json({{"layer", "conv"}, {"kernels", 1}, {"image", "conv.png"}}));
  expect_drawn("conv.png");
}

TEST_F(Filters, FindsWhereAChannelRespondsMost) {
  const Result result = run(
      folder_, {"filters", "m.safetensors", "--channel", "fc:1", "--data", "images", "--top", "3", "--json"});
  EXPECT_EQ(result.code, 0) << result.err;
  const json found = json::parse(result.out);
  ASSERT_EQ(found.at("patches").size(), 3U);
  for (const json& patch : found.at("patches"))  // output 1 is "below"
    EXPECT_NE(patch.at("file").get<std::string>().find("below"), std::string::npos);
  expect_drawn("fc-1.png");
  EXPECT_EQ(run(folder_, {"filters", "m.safetensors", "--channel", "conv:0", "--data", "images"}).code, 0);
}

TEST_F(Filters, WhatCannotBeIsRefused) {
  expect_refusal(run(folder_, {"filters", "m.safetensors", "--channel", "conv:0"}), 2, "--data");
  expect_refusal(run(folder_, {"filters", "m.safetensors", "--channel", "conv", "--data", "images"}), 2,
                 "conv5:12");
  expect_refusal(run(folder_, {"filters", "m.safetensors", "--channel", "conv:x", "--data", "images"}), 2,
                 "conv:x");
  expect_refusal(run(folder_, {"filters", "m.safetensors", "--channel", "conv:1", "--data", "images"}), 2,
                 "conv");
  fs::create_directory(folder_ / "empty");
  expect_refusal(run(folder_, {"filters", "m.safetensors", "--channel", "conv:0", "--data", "empty"}), 3,
                 "empty");
}

TEST_F(Embed, WritesVectorsAndNames) {
  const Result result = run(folder_, {"embed", "m.safetensors", "images", "--out", "v.npy", "--layer", "fc",
                                      "--projector", "projector", "--json"});
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(json::parse(result.out).at("shape"), json({6, 2}));
  EXPECT_EQ(read_npy(folder_ / "v.npy").shape, (Shape{6, 2}));
  EXPECT_EQ(lines_of(content(folder_ / "v.txt")).front(), "images/above/0.png");
  for (const char* file : {"tensors.tsv", "metadata.tsv", "sprite.png", "projector_config.pbtxt"})
    EXPECT_TRUE(fs::exists(folder_ / "projector" / file)) << file;
  EXPECT_EQ(run(folder_, {"embed", "m.safetensors", "images", "--out", "v.csv"}).code, 0);
  EXPECT_EQ(line_count(content(folder_ / "v.csv")), 7);
}

TEST_F(Embed, WhatCannotBeIsRefused) {
  expect_refusal(run(folder_, {"embed", "m.safetensors", "images"}), 2, "--out");
  expect_refusal(run(folder_, {"embed", "m.safetensors", "images", "--out", "v.txt"}), 2, "v.txt");
  expect_refusal(run(folder_, {"embed", "m.safetensors", "images", "--out", "v.npy", "--layer", "fc7"}), 2,
                 "fc7");
  const Result missing = run(folder_, {"embed", "m.safetensors", "images", "none.png", "--out", "v.npy"});
  EXPECT_EQ(missing.code, 3);
  EXPECT_NE(missing.err.find("none.png"), std::string::npos);
  EXPECT_EQ(read_npy(folder_ / "v.npy").shape, (Shape{6, 64}));
}

TEST_F(Similar, FindsTheCopiesAndKeepsItsIndex) {
  const std::vector<std::string> arguments = {"similar",
                                              "m.safetensors",
                                              "images/below/1.png",
                                              "images",
                                              "--index",
                                              "index",
                                              "--layer",
                                              "fc",
                                              "--top",
                                              "2",
                                              "--json"};
  const Result first = run(folder_, arguments);
  EXPECT_EQ(first.code, 0) << first.err;
  const json found = json::parse(first.out);
  EXPECT_EQ(found.at("images"), 6);
  ASSERT_EQ(found.at("neighbours").size(), 2U);
  for (const json& one : found.at("neighbours")) {
    EXPECT_EQ(one.at("distance"), 0.0);
    EXPECT_NE(one.at("file").get<std::string>().find("below"), std::string::npos);
    EXPECT_EQ(one.at("file").get<std::string>().find("below/1.png"), std::string::npos);
  }
  expect_drawn("similar.png");
  const std::string index = content(folder_ / "index/index.txt");
  EXPECT_EQ(run(folder_, arguments).out, first.out);
  EXPECT_EQ(content(folder_ / "index/index.txt"), index);
  write_png(folder_ / "images/more/9.png", false);
  EXPECT_EQ(json::parse(run(folder_, arguments).out).at("images"), 7);
}

TEST_F(Similar, AnswersBeforeItDraws) {
  if (!fs::exists("/dev/full")) GTEST_SKIP() << "this machine has no /dev/full";
  std::vector<std::string> arguments = {"similar", "m.safetensors", "images/below/1.png", "images", "--index",
                                        "i",       "--out",         "/dev/full"};
  const Result text = run(folder_, arguments);
  EXPECT_EQ(text.code, 3);
  EXPECT_NE(text.out.find("below/2.png"), std::string::npos) << text.out;
  EXPECT_EQ(text.out.find("drawn"), std::string::npos) << text.out;
  EXPECT_NE(text.err.find("/dev/full"), std::string::npos) << text.err;
  arguments.emplace_back("--json");
  const Result parsed = run(folder_, arguments);
  EXPECT_EQ(parsed.code, 3);
  EXPECT_EQ(json::parse(parsed.out).at("neighbours").size(), 5U);
}

TEST_F(Similar, DrawsSomeOfMany) {
  fs::create_directory(folder_ / "many");
  for (int level = 0; level < 160; ++level) {
    Image image{8, 8, 1, std::vector<std::uint8_t>(64)};
    std::fill_n(image.pixels.begin(), 32, static_cast<std::uint8_t>(level));
    save_png(folder_ / "many" / (std::to_string(level) + ".png"), image);
  }
  std::vector<std::string> arguments = {"similar", "m.safetensors", "many/5.png", "many", "--index",
                                        "i",       "--top",         "150"};
  const Result text = run(folder_, arguments);
  ASSERT_EQ(text.code, 0) << text.err;
  EXPECT_EQ(lines_of(text.out).back(), "the nearest 139 of 150 drawn in similar.png");
  expect_drawn("similar.png");
  arguments.emplace_back("--json");
  const json found = json::parse(run(folder_, arguments).out);
  EXPECT_EQ(found.at("neighbours").size(), 150U);
  EXPECT_EQ(found.at("drawn"), 139);
}

TEST_F(Similar, DrawsImagesOfAnyWidth) {
  const Image wide{40'000, 8, 1, std::vector<std::uint8_t>(320'000, 90)};  // cairo: 32,767
  for (const char* file : {"wide/a.jpg", "wide/b.jpg"}) write(folder_ / file, encode_jpeg(wide, 90));
  const Result result = run(folder_, {"similar", "m.safetensors", "wide/a.jpg", "wide", "--index", "i"});
  ASSERT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(lines_of(result.out).back(), "drawn in similar.png");
  expect_drawn("similar.png");
}

TEST_F(Similar, WhatCannotBeIsRefused) {
  expect_refusal(run(folder_, {"similar", "m.safetensors", "none.png", "images", "--index", "i"}), 3,
                 "none.png");
  expect_refusal(run(folder_, {"similar", "m.safetensors", "images/below/1.png", "nowhere", "--index", "i"}),
                 3, "nowhere");
  expect_refusal(run(folder_, {"similar", "m.safetensors", "images/below/1.png", "images", "--layer", "fc7",
                               "--index", "i"}),
                 2, "fc7");
}

// What is wrong with the images is not said: nobody has looked at them.
TEST_F(LookCommands, RefusePlacesTheyCannotWriteToBeforeTheWork) {
  write(folder_ / "bad/text.jpg", "this is text");
  expect_refusal(run(folder_, {"embed", "m.safetensors", "bad", "--projector", "/proc/projector"}), 3,
                 "/proc/projector");
  for (const std::string place : {"nowhere/", "m.safetensors/"}) {
    SCOPED_TRACE(place);
    const std::string file = place + "a.png", vectors = place + "v.npy";
    expect_refusal(run(folder_, {"embed", "m.safetensors", "bad", "--out", vectors}), 3, vectors);
    expect_refusal(
        run(folder_, {"filters", "m.safetensors", "--channel", "fc:1", "--data", "bad", "--out", file}), 3,
        file);
    expect_refusal(
        run(folder_, {"similar", "m.safetensors", "bad/text.jpg", "bad", "--index", "i", "--out", file}), 3,
        file);
  }
  EXPECT_FALSE(fs::exists(folder_ / "nowhere"));
  fs::create_directory(folder_ / "v.txt");  // where the names of v.npy's images would go
  expect_refusal(run(folder_, {"embed", "m.safetensors", "bad", "--out", "v.npy"}), 3, "v.txt");
}

TEST_F(LookCommands, WriteIntoAPipe) {
  const Result result = run(
      folder_, {"filters", "m.safetensors", "--channel", "fc:1", "--data", "images", "--out", "/dev/stdout"});
  EXPECT_EQ(result.code, 0) << result.err;
  EXPECT_TRUE(result.out.starts_with("\x89PNG")) << result.out.substr(0, 80);
}

TEST_F(LookCommands, PutNoResultsAmongTheImagesTheyRead) {
  const std::string inside = "images/below/../results", link = "images-too/results";
  fs::create_directory_symlink("images", folder_ / "images-too");
  const std::vector<std::vector<std::string>> refused = {
      {"explain", "m.safetensors", "."},
      {"explain", "m.safetensors", "images", "--out", "images"},
      {"explain", "m.safetensors", "images/", "--out", inside},
      {"explain", "m.safetensors", "images", "--out", link},
      {"embed", "m.safetensors", "images", "--projector", inside},
      {"filters", "m.safetensors", "--channel", "fc:1", "--data", "."},
      {"similar", "m.safetensors", "images/above/0.png", "images", "--index", "i", "--out", "images/x.png"}};
  for (const auto& arguments : refused) {
    SCOPED_TRACE(arguments.front() + " " + arguments.back());
    expect_refusal(run(folder_, arguments), 2, "lies in");
  }
  expect_refusal(run(folder_, refused.front()), 2, "such as --out ../explained");
  EXPECT_FALSE(fs::exists(folder_ / "images/results"));
  for (const std::string place : {"images-beside", "images/.hidden", "images/above/__MACOSX/deep"})
    for (int time = 0; time < 2; ++time) {
      const Result result = run(folder_, {"explain", "m.safetensors", "images", "--out", place, "--json"});
      EXPECT_EQ(result.code, 0) << result.err;
      EXPECT_EQ(line_count(result.out), 6) << place;
    }
}

TEST_F(LookCommands, SayInOneLineWhatIsMissing) {
  fs::create_directory(folder_ / "empty");
  write(folder_ / "file", "in the way");
  const std::string file = "images/below/1.png";
  struct Case {
    std::vector<std::string> arguments;
    int code;
    std::string what;
  };
  const std::vector<Case> cases = {
      {{"explain", "none.safetensors", "images"}, 3, "none.safetensors"},
      {{"filters", "none.safetensors"}, 3, "none.safetensors"},
      {{"embed", "none.safetensors", "images", "--out", "v.npy"}, 3, "none.safetensors"},
      {{"similar", "none.safetensors", file, "images", "--index", "i"}, 3, "none.safetensors"},
      {{"explain", "m.safetensors", "empty"}, 3, "empty"},
      {{"embed", "m.safetensors", "empty", "--out", "v.npy"}, 3, "empty"},
      {{"similar", "m.safetensors", file, "empty", "--index", "i"}, 3, "empty"},
      {{"filters", "m.safetensors", "--channel", "conv9:0", "--data", "images"}, 2, "conv9"},
      {{"explain", "m.safetensors", file, "--out", "file"}, 3, "file"},
      {{"filters", "m.safetensors", "--out", "/proc/a.png"}, 3, "/proc/a.png"},
      {{"filters", "m.safetensors", "--out", "nowhere/a.png"}, 3, "nowhere/a.png"},
      {{"embed", "m.safetensors", "images", "--out", "file/v.npy"}, 3, "file/v.npy"},
      {{"embed", "m.safetensors", "images", "--projector", "file/projector"}, 3, "file/projector"},
      {{"similar", "m.safetensors", file, "images", "--index", "file/i"}, 3, "file/i"}};
  for (const Case& one : cases) {
    SCOPED_TRACE(one.arguments.front() + " " + one.what);
    expect_refusal(run(folder_, one.arguments), one.code, one.what);
  }
}

}  // namespace
}  // namespace alexnet
