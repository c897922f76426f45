// IDX pairs: the MNIST family.
#include "data/sources/idx.h"

#include <gmock/gmock.h>

#include <cstdlib>

#include "tests/data/fixtures.h"

namespace alexnet::test {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::Pair;

const std::string kImages = "train-images-idx3-ubyte", kLabels = "train-labels-idx1-ubyte";

TEST(Idx, FolderWithTrainingAndTestPairs) {
  const TemporaryFolder folder;
  write(folder / kImages, idx_images(3));
  write(folder / (kLabels + ".gz"), gzip(idx_labels({1, 0, 2})));
  write(folder / "t10k-images-idx3-ubyte.gz", gzip(idx_images(2)));
  write(folder / "t10k-labels-idx1-ubyte", idx_labels({2, 2}));
  const Dataset data = open_dataset(folder.path());
  EXPECT_THAT(data.classes, ElementsAre("0", "1", "2"));
  EXPECT_THAT(listing(*data.train),
              ElementsAre(Pair(kImages + "[0]", 1), Pair(kImages + "[1]", 0), Pair(kImages + "[2]", 2)));
  EXPECT_THAT(listing(*data.validation),
              ElementsAre(Pair("t10k-images-idx3-ubyte.gz[0]", 2), Pair("t10k-images-idx3-ubyte.gz[1]", 2)));
  const Image gray = data.train->load(2, 1);
  EXPECT_EQ(gray.width, 3);
  EXPECT_EQ(gray.height, 2);
  EXPECT_THAT(gray.pixels, ElementsAre(20, 21, 22, 23, 24, 25));
  const Image rgb = data.validation->load(1, 3);
  EXPECT_EQ(rgb.channels, 3);
  EXPECT_THAT(std::vector<int>(rgb.pixels.begin(), rgb.pixels.begin() + 6),
              ElementsAre(10, 10, 10, 11, 11, 11));
  EXPECT_EQ(listing(*open_evaluation(folder.path(), {"a", "b", "c"})), listing(*data.validation));
}

TEST(Idx, PairOfBytes) {
  const auto source =
      read_idx(Bytes::own("images", gzip(idx_images(2))), Bytes::own("labels", idx_labels({7, 8})));
  EXPECT_THAT(listing(*source), ElementsAre(Pair("images[0]", 7), Pair("images[1]", 8)));
  EXPECT_THAT(source->load(1, 1).pixels, ElementsAre(10, 11, 12, 13, 14, 15));
  EXPECT_TRUE(is_idx(Bytes::own("images", idx_images(2))));
  EXPECT_FALSE(is_idx(Bytes::own("images", "text")));
  expect_error<DataError>([] { read_idx(Bytes::own("a", idx_images(2)), Bytes::own("b", idx_labels({7}))); },
                          {"b: holds 1 labels for 2 images"});
}

TEST(Idx, OneImageFile) {
  const TemporaryFolder folder;
  write(folder / "any.images.idx3.gz", gzip(idx_images(4)));
  write(folder / "any.labels.idx1", idx_labels({4, 5, 4, 5}));
  const Dataset data = open_dataset(folder / "any.images.idx3.gz");
  EXPECT_EQ(data.classes.size(), 6U);
  EXPECT_EQ(data.train->size(), 4U);
  EXPECT_EQ(data.validation, nullptr);
}

TEST(Idx, GzipOfSeveralMembers) {
  const TemporaryFolder folder;
  const std::string images = idx_images(5);
  write(folder / (kImages + ".gz"), gzip(images.substr(0, 9)) + gzip(images.substr(9)));
  write(folder / kLabels, idx_labels({0, 1, 0, 1, 0}));
  EXPECT_THAT(open_dataset(folder.path()).train->load(4, 1).pixels, ElementsAre(40, 41, 42, 43, 44, 45));
}

TEST(Idx, FashionHasNames) {
  const TemporaryFolder folder;
  write(folder / "Fashion" / kImages, idx_images(2));
  write(folder / "Fashion" / kLabels, idx_labels({0, 9}));
  const Dataset data = open_dataset(folder / "Fashion");
  ASSERT_EQ(data.classes.size(), 10U);
  EXPECT_EQ(data.classes.front(), "T-shirt/top");
  EXPECT_EQ(data.classes.back(), "Ankle boot");
}

TEST(Idx, LabelsMustFitTheClasses) {
  const TemporaryFolder folder;
  write(folder / kImages, idx_images(3));
  write(folder / kLabels, idx_labels({0, 1, 2}));
  EXPECT_EQ(open_evaluation(folder.path(), {"x", "y", "z"})->label(2), 2);
  expect_error<DataError>(
      [&] {
        open_evaluation(folder.path(), {"x", "y"});
      },
      {"labels up to 2", "2 classes"});
  write(folder / "t10k-images-idx3-ubyte", idx_images(1));
  write(folder / "t10k-labels-idx1-ubyte", idx_labels({3}));
  expect_error<DataError>([&] { open_dataset(folder.path()); },
                          {"t10k-images", "labels up to 3", "3 classes"});
}

TEST(IdxErrors, FilesThatLie) {
  const TemporaryFolder folder;
  const auto with = [&](const std::string& images, const std::string& labels) {
    write(folder / kImages, images);
    write(folder / kLabels, labels);
    return [&folder] { open_dataset(folder.path()); };
  };
  const std::string images = idx_images(2), labels = idx_labels({0, 1});
  EXPECT_NO_THROW(with(images, labels)());
  expect_error<DataError>(with(images.substr(0, images.size() - 1), labels), {kImages, "2 x 2 x 3", "fewer"});
  expect_error<DataError>(with(images + "x", labels), {kImages, "2 x 2 x 3", "more"});
  expect_error<DataError>(with(images.substr(0, 10), labels), {kImages, "too short"});
  expect_error<DataError>(with(labels, labels), {kImages, "0x00000801"});
  expect_error<DataError>(with(images, images), {kLabels, "0x00000803"});
  expect_error<DataError>(with(images, idx_labels({0, 1, 0})), {kLabels, "3 labels for 2 images"});
  expect_error<DataError>(with(images, idx_labels({1, 1})), {"single class"});
  expect_error<DataError>(with(idx_images(0), idx_labels({})), {kImages, "no images"});
  // 2^32-1 of each: 2^96 bytes.
  expect_error<DataError>(with(images.substr(0, 4) + std::string(12, '\xff'), labels),
                          {kImages, "4294967295 x 4294967295"});
  const std::string none_wide = images.substr(0, 12) + std::string(4, '\0');
  expect_error<DataError>(with(none_wide, labels), {kImages, "0x2 pixels"});
}

TEST(IdxErrors, PackedFilesThatLie) {
  const TemporaryFolder folder;
  write(folder / kLabels, idx_labels({0, 1}));
  const auto with = [&](const std::string& bytes) {
    write(folder / (kImages + ".gz"), bytes);
    return [&folder] { open_dataset(folder.path()); };
  };
  const std::string images = idx_images(2), packed = gzip(images);
  EXPECT_NO_THROW(with(packed)());
  for (const std::size_t missing : {12, 3})  // of the data, of the checksum
    expect_error<DataError>(with(packed.substr(0, packed.size() - missing)), {".gz", "truncated"});
  expect_error<DataError>(with(gzip(images + "x")), {".gz", "more"});
  expect_error<DataError>(with(gzip(images.substr(0, 4) + std::string(12, '\x7f'))), {".gz", "2139062143"});
  std::string broken = packed;
  broken[12] = '\xff';
  broken[13] = '\xff';
  EXPECT_THROW(with(broken)(), DataError);
  std::string other_checksum = packed;
  other_checksum[packed.size() - 6] = static_cast<char>(other_checksum[packed.size() - 6] ^ 1);
  EXPECT_THROW(with(other_checksum)(), DataError);
}

TEST(IdxErrors, FilesThatAreMissing) {
  const TemporaryFolder folder;
  write(folder / kImages, idx_images(2));
  expect_error<DataError>([&] { open_dataset(folder.path()); }, {kImages, "no label file", kLabels});
  write(folder / kLabels, idx_labels({0, 1}));
  expect_error<DataError>([&] { open_dataset(folder / kLabels); }, {kLabels, "0x00000801", "image file"});
  write(folder / "emnist-letters-train-images-idx3-ubyte", idx_images(2));
  expect_error<DataError>([&] { open_dataset(folder.path()); }, {"several IDX data sets"});
  write(folder / "only" / "t10k-images-idx3-ubyte", idx_images(1));
  write(folder / "only" / "t10k-labels-idx1-ubyte", idx_labels({0}));
  expect_error<DataError>([&] { open_dataset(folder / "only"); }, {"no training images"});
  EXPECT_EQ(open_evaluation(folder / "only", {"x"})->size(), 1U);
}

TEST(Idx, DebiansFashionMnist) {
  const fs::path folder = "/usr/share/datasets/fashion-mnist";
  if (!fs::exists(folder)) GTEST_SKIP() << "the package dataset-fashion-mnist is not installed";
  const Dataset data = open_dataset(folder);
  EXPECT_EQ(data.train->size(), 60000U);
  EXPECT_EQ(data.validation->size(), 10000U);
  EXPECT_EQ(data.classes[9], "Ankle boot");
  EXPECT_EQ(data.train->label(0), 9);
  const Image image = data.train->load(0, 1);
  EXPECT_EQ(image.width, 28);
  EXPECT_EQ(image.height, 28);
}

}  // namespace
}  // namespace alexnet::test
