// Names of results.
#include "arguments/file_names.h"

#include <gtest/gtest.h>
#include <malloc.h>

#include <string>

#include "tests/temporary_folder.h"

namespace alexnet::cli {
namespace {

namespace fs = std::filesystem;

TEST(FileNames, EachIsGivenOnce) {
  const TemporaryFolder folder;
  FileNames names(folder.path(), ".gradcam", 4);
  for (const char* name : {"photo.gradcam", "photo-2.gradcam", "photo-3.gradcam"})
    EXPECT_EQ(names.unique("photo"), folder / name);
  EXPECT_EQ(names.unique("photo-2"), folder / "photo-2-2.gradcam");
  EXPECT_EQ(names.unique("other-2"), folder / "other-2.gradcam");
  EXPECT_EQ(names.unique("other"), folder / "other.gradcam");
  EXPECT_EQ(names.unique("other"), folder / "other-3.gradcam");
}

TEST(FileNames, TakeNoMemoryAndLeaveNothing) {
  const TemporaryFolder folder;
  FileNames names(folder.path(), ".gradcam", 4);
  names.unique("first");
  constexpr int kNames = 50'000;
  const std::size_t before = ::mallinfo2().uordblks;
  for (int i = 0; i < kNames; ++i) names.unique("image-" + std::to_string(i));
  EXPECT_LT(::mallinfo2().uordblks, before + 100'000);
  for (const int i : {0, 4711, kNames - 1})  // the table has grown meanwhile
    EXPECT_EQ(names.unique("image-" + std::to_string(i)),
              folder / ("image-" + std::to_string(i) + "-2.gradcam"));
  EXPECT_TRUE(fs::is_empty(folder.path()));
}

}  // namespace
}  // namespace alexnet::cli
