#include "data/sources/shared_images.h"

#include <gmock/gmock.h>

#include "tests/data/fixtures.h"

namespace alexnet::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(SharedImages, AreFoundByContent) {
  const TemporaryFolder folder;
  write_images(folder.path(),
               {"train/a/1.png", "train/a/2.png", "train/b/1.png", "val/a/8.png", "val/b/9.png"});
  std::filesystem::copy_file(folder / "train/a/2.png", folder / "val/b/copy.png");
  const Dataset data = open_dataset(folder.path());
  const SharedImages found = find_shared_images(*data.train, *data.validation);
  EXPECT_EQ(found.looked_at, 3U);
  EXPECT_EQ(found.shared, 1U);
  EXPECT_EQ(found.validation, "val/b/copy.png");
  EXPECT_EQ(found.training, "train/a/2.png");
  EXPECT_EQ(find_shared_images(*data.train, *data.train).shared, 3U);
  EXPECT_EQ(find_shared_images(FormulaSource(3), FormulaSource(3)).shared, 0U);  // it does not tell its bytes
}

TEST(SharedImages, OfIdxPairs) {
  const TemporaryFolder folder;
  write(folder / "train-images-idx3-ubyte", idx_images(4));
  write(folder / "train-labels-idx1-ubyte", idx_labels({0, 1, 0, 1}));
  write(folder / "t10k-images-idx3-ubyte", idx_images(2));
  write(folder / "t10k-labels-idx1-ubyte", idx_labels({0, 1}));
  const Dataset data = open_dataset(folder.path());
  EXPECT_TRUE(data.numbered);
  EXPECT_EQ(find_shared_images(*data.train, *data.validation).shared, 2U);
}

TEST(SplitNotes, SayWhatSmallClassesGive) {
  const TemporaryFolder folder;
  write_images(folder.path(), {"a/1.png", "a/2.png", "a/3.png", "b/1.png", "b/2.png", "b/3.png"});
  DatasetOptions options;
  options.validation_split = 0.1;
  const Dataset data = open_dataset(folder.path(), options);
  EXPECT_EQ(data.validation->size(), 2U);
  EXPECT_EQ(data.validation_from, "held out by --val-split 0.1");
  EXPECT_THAT(data.notes,
              ElementsAre("--val-split 0.1 holds out whole images: 33 % instead of 10 % of a, b"));
  options.validation_split = 0.34;
  EXPECT_THAT(open_dataset(folder.path(), options).notes, IsEmpty());
}

}  // namespace
}  // namespace alexnet::test
