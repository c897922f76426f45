// alexnet zoo and alexnet data, and names of the zoo in place of models.
#include <gtest/gtest.h>

#include <cstdlib>
#include <nlohmann/json.hpp>

#include "alexnet/model.h"
#include "tests/cli/run_command.h"
#include "tests/cli/samples.h"

namespace alexnet {
namespace {

using nlohmann::json;

/// With a cache of its own, and a mirror that is empty.
class ZooCommands : public CliTest {
 protected:
  ZooCommands() {
    ::setenv("XDG_CACHE_HOME", (folder_ / "cache").c_str(), 1);
    ::setenv("ALEXNET_ZOO", (folder_ / "mirror").c_str(), 1);
  }
  ~ZooCommands() override {
    ::unsetenv("XDG_CACHE_HOME");
    ::unsetenv("ALEXNET_ZOO");
  }
  /// As an earlier start leaves torchvision's network, but small.
  void write_fetched() const {
    std::filesystem::create_directories(folder_ / "cache" / "alexnet");
    write_model(folder_ / "cache" / "alexnet" / "alexnet-owt-7be5be79.safetensors");
  }
};

TEST_F(ZooCommands, ListsNetworks) {
  const Result text = run(folder_, {"zoo"});
  EXPECT_EQ(text.code, 0) << text.err;
  for (const std::string& line : lines_of(text.out)) EXPECT_LE(line.size(), 80U) << line;
  for (const char* what : {"torchvision", "0.5652", "0.7907", "244 MB", "BSD-3-Clause", "not fetched yet"})
    EXPECT_NE(text.out.find(what), std::string::npos) << text.out;
  const json list = json::parse(run(folder_, {"zoo", "--json"}).out);
  EXPECT_EQ(list.at(0).at("bytes"), 244'408'911);
  EXPECT_EQ(list.at(0).at("classes"), 1000);
  EXPECT_TRUE(list.at(0).at("model").is_null());
}

TEST_F(ZooCommands, ListsDataSets) {
  const Result text = run(folder_, {"data"});
  EXPECT_EQ(text.code, 0) << text.err;
  for (const std::string& line : lines_of(text.out)) EXPECT_LE(line.size(), 80U) << line;
  const json list = json::parse(run(folder_, {"data", "--json"}).out);
  EXPECT_EQ(list.at(0).at("name"), "imagenette");
  EXPECT_EQ(list.at(0).at("files").at(0).at("digest"), "md5:3df6f0d01a2c9592104656642f5e78a3");
  const Result help = run(folder_, {"data", "get", "--help"});
  EXPECT_NE(help.out.find("Usage: alexnet data get NAME"), std::string::npos) << help.out;
}

TEST_F(ZooCommands, SayWhatToDownloadWithoutAFile) {
  const std::string url =
      "download https://download.pytorch.org/models/alexnet-owt-7be5be79.pth and put it at " +
      (folder_ / "cache" / "alexnet" / "alexnet-owt-7be5be79.pth").string();
  expect_refusal(run(folder_, {"zoo", "torchvision"}), 3, url);
  expect_refusal(run(folder_, {"info", "torchvision"}), 3, url);
  expect_refusal(run(folder_, {"train", "photos", "--init", "torchvision"}), 3, url);
  expect_refusal(run(folder_, {"data", "get", "imagenette"}), 3, "imagenette2-320.tgz and put it at");
  expect_refusal(run(folder_, {"zoo", "resnet"}), 2, "'alexnet zoo' lists them");
  expect_refusal(run(folder_, {"data", "get", "imagenet"}), 2, "'alexnet data' lists them");
  expect_refusal(run(folder_, {"data", "get"}), 2, "see 'alexnet data get --help'");
  EXPECT_FALSE(std::filesystem::exists(folder_ / "imagenette"));
}

TEST_F(ZooCommands, RefuseAnotherFile) {
  write(folder_ / "mirror" / "alexnet-owt-7be5be79.pth", "<html>");
  expect_refusal(run(folder_, {"zoo", "torchvision"}), 3, "was fetched in part, 6 bytes");
  write(folder_ / "cache" / "alexnet" / "alexnet-owt-7be5be79.pth", "<html>");
  expect_refusal(run(folder_, {"zoo", "torchvision"}), 3, "has 6 bytes, but 244408911 were published");
}

TEST_F(ZooCommands, NameStandsForTheModel) {
  write_fetched();
  write_png(folder_ / "a.png", true);
  const Result result = run(folder_, {"classify", "torchvision", "a.png", "--json"});
  ASSERT_EQ(result.code, 0) << result.err;
  EXPECT_EQ(json::parse(result.out).at("predictions").at(0).at("class"), "above");
  const Result listed = run(folder_, {"zoo"});
  EXPECT_NE(listed.out.find("alexnet-owt-7be5be79.safetensors"), std::string::npos) << listed.out;
  EXPECT_EQ(json::parse(run(folder_, {"zoo", "torchvision", "--json"}).out).at("name"), "torchvision");
  // A file of this name comes first.
  write(folder_ / "torchvision", "text");
  expect_refusal(run(folder_, {"classify", "torchvision", "a.png"}), 3, "torchvision: is not a model");
}

TEST_F(ZooCommands, TrainStartsFromIt) {
  // The first layer alone, of a thin network: filters are a multiple of 8.
  const NetworkSpec spec{"first",
                         {3, 64, 64},
                         {{"conv1", Conv{.filters = 8, .kernel = 11, .stride = 4}},
                          {"flatten", Flatten{}},
                          {"fc", Dense{.units = 2}},
                          {"prob", Softmax{}}}};
  std::filesystem::create_directories(folder_ / "cache" / "alexnet");
  save_model({.spec = spec,
              .weights = initial_weights(spec, 1),
              .classes = {"cat", "dog"},
              .preprocessing = {.resize = 64,
                                .crop_width = 64,
                                .crop_height = 64,
                                .mean = {0.5F, 0.5F, 0.5F},
                                .stddev = {0.25F, 0.25F, 0.25F}},
              .provenance = {}},
             folder_ / "cache" / "alexnet" / "alexnet-owt-7be5be79.safetensors");
  write_class_folders(folder_ / "images", 4);
  const Result result =
      run(folder_, {"train", "images", "--init", "torchvision", "--width-factor", "0.05", "--batch", "2",
                    "--max-steps", "1", "--val-split", "0.5", "--out", "run", "--tensorboard", "off"});
  ASSERT_EQ(result.code, 0) << result.err;
  EXPECT_NE(result.err.find("loaded 2 of 16 tensors"), std::string::npos) << result.err;
  const json config = json::parse(content(folder_ / "run" / "config.json"));
  EXPECT_EQ(config.at("preset"), "owt");
  EXPECT_EQ(config.at("size"), 64);
  EXPECT_TRUE(config.at("init").get<std::string>().ends_with("alexnet-owt-7be5be79.safetensors"));
}

}  // namespace
}  // namespace alexnet
