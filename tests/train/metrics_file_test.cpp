// metrics.jsonl: what is written is read again, and what was not written by it is refused.
#include "train/run/metrics_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "alexnet/error.h"
#include "tests/temporary_folder.h"

namespace alexnet {
namespace {

using testing::HasSubstr;

EpochMetrics first_epoch() {
  EpochMetrics epoch;
  epoch.epoch = 1;
  epoch.step = 9;
  epoch.lr = 0.01;
  epoch.train_loss = 2.3;
  return epoch;
}

const EpochMetrics kFirst = first_epoch();

std::string line_with(const std::string& key, const std::string& value) {
  std::string line = to_json(kFirst);
  const std::size_t begin = line.find("\"" + key + "\":") + key.size() + 3;
  return line.replace(begin, line.find_first_of(",}", begin) - begin, value);
}

std::vector<EpochMetrics> read(const std::string& text) {
  return read_metrics(Bytes::own("metrics.jsonl", text), std::numeric_limits<int>::max());
}

TEST(MetricsFile, IsReadAsItWasWritten) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "metrics.jsonl";
  EpochMetrics second = kFirst;
  second.epoch = 2;
  second.val_top1 = 0.25;
  write_metrics(path, {kFirst, second});
  const auto rows = read_metrics(path, 2);
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(to_json(rows[0]), to_json(kFirst));
  EXPECT_EQ(to_json(rows[1]), to_json(second));
  EXPECT_EQ(read_metrics(path, 1).size(), 1U);
  EXPECT_TRUE(read_metrics(folder.path() / "none", 1).empty());
}

TEST(MetricsFile, RefusesWhatIsNoCount) {
  EXPECT_EQ(read(line_with("step", "12")).at(0).step, 12);
  for (const char* value : {"1e99", "1.5", "18446744073709551615", "\"1\"", "null", "99999999999999999999"})
    for (const char* key : {"step", "epoch"}) {
      try {
        read(to_json(kFirst) + "\n" + line_with(key, value) + "\n");
        ADD_FAILURE() << key << ' ' << value;
      } catch (const DataError& error) {
        EXPECT_THAT(error.what(), HasSubstr("line 2"));
      }
    }
  EXPECT_THROW(read(line_with("epoch", "2147483648")), DataError);
}

}  // namespace
}  // namespace alexnet
