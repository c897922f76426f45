// What is said of a validation split.
#include <gmock/gmock.h>

#include "tests/data/fixtures.h"

namespace alexnet::test {
namespace {

using testing::ElementsAre;

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
  EXPECT_THAT(open_dataset(folder.path(), options).notes, testing::IsEmpty());
}

}  // namespace
}  // namespace alexnet::test
