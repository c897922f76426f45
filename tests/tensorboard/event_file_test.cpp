// Event files, beside what TensorBoard's own writer makes of the same values (tools/make_event_goldens.py)
// and under TensorBoard's own loader.
#include "tensorboard/event_file.h"

#include <gmock/gmock.h>
#include <stdlib.h>

#include <fstream>

#include "alexnet/error.h"
#include "tests/temporary_folder.h"
#include "tests/tensorboard/shown_events.h"

namespace alexnet {
namespace {

namespace fs = std::filesystem;

class EventFiles : public testing::Test {
 protected:
  /// The values of tools/make_event_goldens.py.
  void write_all() const {
    EventFile file(folder_);
    file.restart(8);
    file.write_graph({{"input", "Placeholder", {}, {-1, 227, 227, 3}, {}},
                      {"conv1/conv1", "conv", {"input"}, {-1, 57, 57, 96}, {{"setting", "11x11 / 4"}}}});
    file.write(3, {{"step/loss", 2.5}, {"step/lr", 0.01}});
    file.write(4, {{"weights/conv1", Histogram{-1, 2, 3, 1.5, 5.25, {-0.5, 1, 2.5}, {1, 1, 1}}}});
    file.write(5, {{"images/filters", EventImage{7, 5, 3, "\x89PNG"}}});
    file.write(0, {{"configuration", EventText{"# configuration"}}});
    file.write_hyperparameters({{"lr", 0.01}, {"schedule", std::string("cosine")}},
                               {{"best/top1", "best top-1"}});
    file.write_end();
  }

  TemporaryFolder own_;
  const fs::path folder_ = own_.path();
};

/// An event with its times removed.
std::string timeless(const std::string& record) {
  events::Event event = event_of(record);
  event.clear_wall_time();
  if (!event.has_summary()) return event.SerializeAsString();
  for (events::Summary::Value& value : *event.mutable_summary()->mutable_value()) {
    auto& plugin = *value.mutable_metadata()->mutable_plugin_data();
    if (plugin.plugin_name() != "hparams") continue;
    events::HParamsPluginData data;
    EXPECT_TRUE(data.ParseFromString(plugin.content()));
    if (data.has_session_start_info()) data.mutable_session_start_info()->clear_start_time_secs();
    if (data.has_session_end_info()) data.mutable_session_end_info()->clear_end_time_secs();
    plugin.set_content(data.SerializeAsString());
  }
  return event.SerializeAsString();
}

TEST_F(EventFiles, AreWhatTensorBoardsWriterMakes) {
  write_all();
  const auto ours = records_of(event_file_in(folder_));
  const auto golden = records_of(fs::path(ALEXNET_TEST_DATA) / "events.tfrecord");
  ASSERT_EQ(ours.size(), golden.size());
  for (std::size_t i = 0; i < ours.size(); ++i) {
    EXPECT_GT(event_of(ours[i]).wall_time(), 1.6e9) << i;
    EXPECT_EQ(timeless(ours[i]), timeless(golden[i])) << i;
  }
}

TEST_F(EventFiles, AreReadByTensorBoardItself) {
  write_all();
  const std::optional<std::string> output = tensorboard_text(folder_);
  if (!output) GTEST_SKIP() << kNoTensorBoard;
  EXPECT_EQ(*output,
            "graph input Placeholder [] [-1, 227, 227, 3]\n"
            "graph conv1/conv1 conv ['input'] [-1, 57, 57, 96]\n"
            "scalar step/loss 3 2.5\n"
            "scalar step/lr 3 0.009999999776482582\n"
            "histogram weights/conv1 4 -1.0 2.0 3.0 [-0.5, 1.0, 2.5] [1.0, 1.0, 1.0]\n"
            "image images/filters 5 7 5 4\n"
            "hparams experiment ['lr', 'schedule']\n"
            "hparams session_end_info 1\n"
            "hparams session_start_info ['lr', 'schedule']\n"
            "text configuration 0 # configuration\n");
}

TEST_F(EventFiles, KeepHistogramsWithoutABucket) {
  EventFile(folder_).write(1, {{"weights/conv1", Histogram{}}});
  const events::Event event = event_of(records_of(event_file_in(folder_)).back());
  ASSERT_EQ(event.summary().value_size(), 1);
  EXPECT_TRUE(event.summary().value(0).has_histo());
}

TEST_F(EventFiles, FollowEachOtherInTheOrderOfTheirNames) {
  for (double value : {1.0, 2.0, 3.0}) EventFile(folder_).write(1, {{"x", value}});
  std::vector<fs::path> files(fs::directory_iterator(folder_), {});
  std::ranges::sort(files);
  ASSERT_EQ(files.size(), 3U);
  for (std::size_t i = 0; i < files.size(); ++i)
    EXPECT_EQ(event_of(records_of(files[i]).back()).summary().value(0).simple_value(),
              static_cast<float>(i + 1));
}

TEST_F(EventFiles, AreWholeUpToWhereTheyWereCut) {
  write_all();
  const fs::path file = event_file_in(folder_);
  const auto whole = records_of(file);
  fs::resize_file(file, fs::file_size(file) - 3);
  const auto cut = records_of(file);
  ASSERT_EQ(cut.size() + 1, whole.size());
  EXPECT_TRUE(std::equal(cut.begin(), cut.end(), whole.begin()));
}

TEST_F(EventFiles, SayWhereTheyCannotBeWritten) {
  std::ofstream(folder_ / "file") << "in the way";
  EXPECT_THROW(EventFile(folder_ / "file"), DataError);
  EXPECT_THROW(RecordFile("/dev/full/x"), DataError);
}

// RFC 3720, B.4, and the masking of TensorFlow's record_writer.
TEST(Crc32c, IsCastagnolis) {
  const auto masked = [](std::uint32_t crc) { return ((crc >> 15) | (crc << 17)) + 0xA282EAD8; };
  EXPECT_EQ(masked_crc32c(std::string(32, '\0')), masked(0x8A9136AA));
  EXPECT_EQ(masked_crc32c(std::string(32, '\xFF')), masked(0x62A8AB43));
  EXPECT_EQ(masked_crc32c("123456789"), masked(0xE3069283));
}

}  // namespace
}  // namespace alexnet
