#include "train/run/quarantine.h"

#include <gtest/gtest.h>

#include "base/file.h"
#include "tests/temporary_folder.h"

namespace alexnet {
namespace {

TEST(QuarantineTest, LeavesOutRowsThatAreNone) {
  const TemporaryFolder folder;
  const std::string good = "{\"set\":\"train\",\"index\":7,\"file\":\"a.png\",\"reason\":\"is cut short\"}\n";
  write_file(folder / "list.jsonl",
             "{\"set\":5}\n{\"set\":\"train\",\"index\":\"7\"}\n{\"set\":\"train\",\"file\":null}\n"
             "{\"index\":1}\n[1]\ntext\n\n" +
                 good);
  const auto rows = read_quarantine(folder / "list.jsonl");
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].first, "train");
  EXPECT_EQ(rows[0].second.index, 7U);
  EXPECT_EQ(rows[0].second.name, "a.png");
  EXPECT_EQ(rows[0].second.reason, "is cut short");
  Quarantine(folder / "list.jsonl").write();
  EXPECT_EQ(read_file(folder / "list.jsonl"), good);
  EXPECT_TRUE(read_quarantine(folder / "none.jsonl").empty());
}

}  // namespace
}  // namespace alexnet
