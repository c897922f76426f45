// Networks and data sets by name: from their files to what train and classify take.
#include "alexnet/zoo.h"

#include <archive.h>
#include <gmock/gmock.h>

#include <cstdlib>
#include <set>

#include "alexnet/model.h"
#include "base/file.h"
#include "download/file_digest.h"
#include "tests/data/fixtures.h"
#include "zoo/unpack.h"

namespace alexnet::test {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;

/// Files come from a folder, and go to a cache of its own.
class Zoo : public testing::Test {
 protected:
  Zoo() {
    ::setenv("XDG_CACHE_HOME", (folder_ / "cache").c_str(), 1);
    ::setenv("ALEXNET_ZOO", mirror().c_str(), 1);
  }
  ~Zoo() override {
    ::unsetenv("XDG_CACHE_HOME");
    ::unsetenv("ALEXNET_ZOO");
  }
  fs::path mirror() const { return folder_ / "mirror"; }
  ZooFile publish(const std::string& name, const std::string& content) const {
    write(mirror() / name, content);
    return {name, "https://example.com/" + name, file_digest(mirror() / name, "sha256:"), content.size()};
  }
  ZooDataset archive(const std::vector<Member>& members, int filter = ARCHIVE_FILTER_GZIP) const {
    return {.name = "photos",
            .about = "",
            .source = "",
            .licence = "",
            .files = {publish("photos.tgz", tar(members, filter))},
            .folder = "photos-1",
            .classes = {{"n01", "cat"}}};
  }

  TemporaryFolder folder_;
};

TEST_F(Zoo, EntriesAreWhole) {
  std::set<std::string> files;
  const auto check = [&](const ZooFile& file) {
    EXPECT_TRUE(files.insert(file.name).second) << file.name;
    EXPECT_TRUE(file.url.starts_with("http")) << file.url;
    const std::size_t colon = file.digest.find(':');
    EXPECT_EQ(file.digest.size() - colon - 1, file.digest.starts_with("md5:") ? 32U : 64U) << file.digest;
  };
  for (const ZooNetwork& network : zoo_networks()) {
    EXPECT_EQ(find_zoo_network(network.name), &network);
    check(network.file);
  }
  for (const ZooDataset& data : zoo_datasets()) {
    EXPECT_EQ(find_zoo_dataset(data.name), &data);
    for (const ZooFile& file : data.files) check(file);
  }
  EXPECT_EQ(find_zoo_network("mnist"), nullptr);
  EXPECT_EQ(find_zoo_dataset("torchvision"), nullptr);
}

TEST_F(Zoo, TorchvisionNamesTheClassesOfImagenette) {
  const std::vector<std::string>& classes = find_zoo_network("torchvision")->classes;
  EXPECT_EQ(classes.size(), 1000U);
  EXPECT_EQ(classes.front(), "tench");
  EXPECT_EQ(classes.back(), "toilet tissue");
  for (const auto& [folder, name] : find_zoo_dataset("imagenette")->classes)
    EXPECT_EQ(std::ranges::count(classes, name), 1) << name;
}

TEST_F(Zoo, NetworkBecomesAModelOnce) {
  const NetworkSpec spec{
      "tiny", {1, 2, 2}, {{"flatten", Flatten{}}, {"fc", Dense{.units = 2}}, {"prob", Softmax{}}}};
  save_model({.spec = spec,
              .weights = initial_weights(spec, 1),
              .classes = {"0", "1"},
              .preprocessing = {.resize = 2, .crop_width = 2, .crop_height = 2, .mean = {0}, .stddev = {1}},
              .provenance = {}},
             folder_ / "model");
  ZooNetwork network;
  network.name = "tiny";
  network.licence = "MIT";
  network.file = publish("tiny-1.bin", read_file(folder_ / "model"));
  network.classes = {"cat", "dog"};
  EXPECT_EQ(fetched_network(network), "");
  const fs::path file = fetch_network(network);
  EXPECT_EQ(file, folder_ / "cache" / "alexnet" / "tiny-1.safetensors");
  EXPECT_EQ(fetched_network(network), file);
  const Model model = load_model(file);
  EXPECT_THAT(model.classes, ElementsAre("cat", "dog"));
  EXPECT_EQ(model.provenance.at("imported_from"), "https://example.com/tiny-1.bin");
  EXPECT_EQ(model.provenance.at("licence"), "MIT");
  fs::remove_all(mirror());
  EXPECT_EQ(fetch_network(network), file);

  fs::remove_all(zoo_folder());
  expect_error<DataError>(
      [&] { fetch_network(network); },
      {"tiny-1.bin: cannot be fetched", "download https://example.com/tiny-1.bin and put it at",
       "cache/alexnet/tiny-1.bin"});
  network.classes.pop_back();
  publish("tiny-1.bin", read_file(folder_ / "model"));
  expect_error<DataError>([&] { fetch_network(network); }, {"tiny", "1 classes", "2 outputs"});
}

TEST_F(Zoo, DataSetIsReadyToTrainOn) {
  fetch_dataset(archive({{"photos-1/", ""},
                         {"photos-1/train/n01/a.png", png(4, 4, 1)},
                         {"./photos-1/train/dog/b.png", png(4, 4, 2)},
                         {"photos-1/val/n01/n01", png(4, 4, 3)},
                         {"photos-1/noisy.csv", "train/n01/a.png,0"},
                         {"about.txt", "text"}}),
                folder_ / "data" / "photos");
  const Dataset data = open_dataset(folder_ / "data" / "photos");
  EXPECT_THAT(data.classes, ElementsAre("cat", "dog"));
  EXPECT_EQ(data.train->size(), 2U);
  EXPECT_EQ(data.validation->name(0), "val/cat/n01");
  EXPECT_FALSE(fs::exists(folder_ / "data" / "photos" / "noisy.csv"));
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_ / "data"), {}), 1);
  expect_error<DataError>([&] { fetch_dataset(archive({}), folder_ / "data" / "photos"); },
                          {"is there already"});
}

TEST_F(Zoo, FilesThatAreNoArchiveAreCopied) {
  ZooDataset data;
  data.files = {publish("tiny-train-images-idx3-ubyte", idx_images(2)),
                publish("tiny-train-labels-idx1-ubyte", idx_labels({0, 1}))};
  fs::create_directory(folder_ / "empty");
  fetch_dataset(data, folder_ / "empty/");
  EXPECT_EQ(open_dataset(folder_ / "empty").train->size(), 2U);
}

TEST_F(Zoo, InterruptedUnpackingLeavesNothing) {
  struct Stop {};
  FetchOptions options;
  options.progress = [](const std::string& what, std::uint64_t, std::uint64_t) {
    if (what == "unpacking photos") throw Stop();
  };
  const ZooDataset data = archive({{"photos-1/a/1.png", "1"}, {"photos-1/b/1.png", "2"}});
  EXPECT_THROW(fetch_dataset(data, folder_ / "data" / "photos", options), Stop);
  EXPECT_TRUE(fs::is_empty(folder_ / "data"));
}

TEST_F(Zoo, ArchivesMayNotLeadOut) {
  const auto refusal = [&](const std::vector<Member>& members, const std::string& what) {
    const ZooDataset data = archive(members, 0);
    expect_error<DataError>([&] { fetch_dataset(data, folder_ / "data" / "photos"); },
                            {"photos.tgz", what, "it is not unpacked"});
    EXPECT_TRUE(fs::is_empty(folder_ / "data"));
    fs::remove_all(folder_ / "cache");
  };
  refusal({{"photos-1/../../a", "1"}}, "leads out");
  refusal({{"photos-1/a", "1"}, {"..", "1"}}, "leads out");
  refusal({{"/photos-1/a", "1"}}, "leads out");
  refusal({{"photos-1/a", "-> /etc/passwd"}}, "a link");
  refusal({{"photos-1/a", "1"}, {"photos-1//a", "2"}}, "twice");
  refusal({{"photos-2/a", "1"}}, "no files in 'photos-1'");
}

TEST_F(Zoo, FolderNeedsAHome) {
  const std::string home = std::getenv("HOME") == nullptr ? "" : std::getenv("HOME");
  ::unsetenv("XDG_CACHE_HOME");
  ::setenv("HOME", folder_.path().c_str(), 1);
  EXPECT_EQ(zoo_folder(), folder_ / ".cache" / "alexnet");
  ::unsetenv("HOME");
  expect_error<DataError>([] { zoo_folder(); }, {"HOME is not set"});
  ::setenv("HOME", home.c_str(), 1);
}

}  // namespace
}  // namespace alexnet::test
