// CIFAR-10 and CIFAR-100 in binary form.
#include "data/sources/cifar.h"

#include <gmock/gmock.h>

#include "tests/data/fixtures.h"

namespace alexnet::test {
namespace {

using testing::ElementsAre;
using testing::Pair;

/// A record whose pixel p has the value start + channel everywhere but in the first pixel, which is 200 +
/// channel.
std::string record(const std::string& labels, int start) {
  std::string bytes = labels;
  for (int c = 0; c < 3; ++c) {
    bytes += static_cast<char>(200 + c);
    bytes += std::string(1023, static_cast<char>(start + c));
  }
  return bytes;
}

std::string label(int value) { return std::string(1, static_cast<char>(value)); }

std::string names(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += "class " + std::to_string(i) + "\n";
  return text + "\n";
}

TEST(Cifar, TenClasses) {
  const TemporaryFolder folder;
  std::string second;
  for (int i = 1; i < 10; ++i) second += record(label(i), 10 * i);
  write(folder / "data_batch_1.bin", record(label(3), 5) + record(label(0), 9));
  write(folder / "data_batch_2.bin", second);
  write(folder / "test_batch.bin", record(label(9), 7));
  write(folder / "batches.meta.txt", names(10));
  write(folder / "readme.html", "<html>");
  const Dataset data = open_dataset(folder.path());
  ASSERT_EQ(data.classes.size(), 10U);
  EXPECT_EQ(data.classes[3], "class 3");
  EXPECT_FALSE(data.numbered);
  ASSERT_EQ(data.train->size(), 11U);
  EXPECT_EQ(data.train->name(1), "data_batch_1.bin[1]");
  EXPECT_EQ(data.train->label(1), 0);
  EXPECT_EQ(data.train->name(10), "data_batch_2.bin[8]");
  EXPECT_EQ(data.train->label(10), 9);
  EXPECT_THAT(listing(*data.validation), ElementsAre(Pair("test_batch.bin[0]", 9)));

  const Image rgb = data.train->load(2, 3);
  EXPECT_EQ(rgb.width, 32);
  EXPECT_EQ(rgb.height, 32);
  ASSERT_EQ(rgb.pixels.size(), 32U * 32U * 3U);
  EXPECT_THAT(std::vector<int>(rgb.pixels.begin(), rgb.pixels.begin() + 6),
              ElementsAre(200, 201, 202, 10, 11, 12));
  const Image gray = data.train->load(2, 1);
  ASSERT_EQ(gray.pixels.size(), 32U * 32U);
  EXPECT_EQ(gray.pixels[0], 201);  // (200 * 299 + 201 * 587 + 202 * 114) / 1000
  EXPECT_EQ(data.train->encoded_size(2), 3072U);
  EXPECT_EQ(data.train->encoded(2).data.size(), 3072U);
}

TEST(Cifar, HundredClassesAreTheFineOnes) {
  const TemporaryFolder folder;
  std::string all;
  for (int i = 0; i < 100; ++i) all += record(label(i / 5) + label(i), 1);
  write(folder / "train.bin", all);
  write(folder / "test.bin", record(label(0) + label(99), 1));
  write(folder / "fine_label_names.txt", names(100));
  const Dataset data = open_dataset(folder.path());
  EXPECT_EQ(data.classes.size(), 100U);
  EXPECT_EQ(data.train->label(42), 42);
  EXPECT_EQ(data.validation->label(0), 99);
}

TEST(Cifar, WithoutNamesClassesAreNumbers) {
  const TemporaryFolder folder;
  write(folder / "data_batch_1.bin", record(label(1), 1) + record(label(2), 1));
  const Dataset data = open_dataset(folder.path());
  EXPECT_TRUE(data.numbered);
  EXPECT_EQ(data.classes.size(), 10U);
  EXPECT_EQ(data.validation, nullptr);
}

TEST(Cifar, RefusesWhatIsDamaged) {
  const TemporaryFolder folder;
  const auto open = [&] { open_dataset(folder.path()); };
  write(folder / "data_batch_1.bin", record(label(1), 1) + "more");
  expect_error<DataError>(open, {"data_batch_1.bin", "has 3077 bytes", "3073 each"});
  write(folder / "data_batch_1.bin", record(label(10), 1));
  expect_error<DataError>(open, {"data_batch_1.bin", "label 10", "only 10 classes"});
  write(folder / "data_batch_1.bin", record(label(1), 1) + record(label(0), 1));
  write(folder / "batches.meta.txt", names(9));
  expect_error<DataError>(open, {"batches.meta.txt", "names 9 classes, but there are 10"});
  write(folder / "batches.meta.txt", names(10));
  write(folder / "data_batch_1.bin", "");
  expect_error<DataError>(open, {"data_batch_1.bin"});
}

TEST(Cifar, CommonNamesAloneSayNothing) {
  const TemporaryFolder folder;
  write(folder / "train.bin", record(label(0) + label(1), 1));
  EXPECT_FALSE(is_cifar_folder(folder.path()));
}

}  // namespace
}  // namespace alexnet::test
