// The record of the images that a run held out, and what is found of them later.
#include "train/run/held_out.h"

#include <gmock/gmock.h>

#include <atomic>
#include <cstdlib>
#include <fstream>
#include <set>
#include <thread>

#include "alexnet/error.h"
#include "base/file.h"
#include "data/sources/contents.h"
#include "tests/error_text.h"
#include "tests/temporary_folder.h"
#include "tests/train/tiny_run.h"
#include "train/run/run_files.h"

namespace alexnet {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

/// Images with a name and a content each, of one class.
class Named final : public ImageSource {
 public:
  struct Item {
    std::string name, content;
  };
  explicit Named(std::vector<Item> items) : items_(std::move(items)) {}
  std::size_t size() const override { return items_.size(); }
  int label(std::size_t) const override { return 0; }
  std::string name(std::size_t i) const override { return items_.at(i).name; }
  Image load(std::size_t i, int) const override { throw DataError(name(i), "has no pixels"); }
  Bytes encoded(std::size_t i) const override {
    ++read;
    if (failures > 0 && failures-- > 0) throw ReadError(name(i), "cannot be read (Input/output error)");
    if (items_.at(i).content.empty()) throw DataError(name(i), "cannot be read");
    return Bytes::own(name(i), items_.at(i).content);
  }
  std::size_t encoded_size(std::size_t i) const override { return items_.at(i).content.size(); }

  mutable std::atomic<int> read = 0;
  /// How often reading fails at first, for a moment.
  mutable std::atomic<int> failures = 0;

 private:
  std::vector<Item> items_;
};

const Named& training() {
  static const Named source({{"a/1", "one"}, {"a/2", "two"}, {"b/6", "a twin"}, {"b/7", "of another size"}});
  return source;
}

std::vector<HeldOutImage> record() {
  const Named held({{"a/3", "three"}, {"a/4", "four"}, {"b/5", "fives"}, {"b/8", "a twin"}, {"b/9", ""}});
  ContentReader reader;
  return record_held_out(&held, training(), reader);
}

HeldOutSearch find(const std::vector<HeldOutImage>& images, const Named& now) {
  ContentReader reader;
  return find_held_out(images, now, reader);
}

HeldOutSearch search(std::vector<Named::Item> now) { return find(record(), Named(std::move(now))); }

TEST(HeldOut, RecordsNameSizeAndContent) {
  training().read = 0;
  const std::vector<HeldOutImage> images = record();
  ASSERT_EQ(images.size(), 5U);
  EXPECT_FALSE(images[4].digest);  // it cannot be read
  EXPECT_EQ(images[0].file, "a/3");
  EXPECT_EQ(images[0].bytes, 5U);
  EXPECT_NE(images[0].digest, images[2].digest);
  EXPECT_EQ(images[0].copy_of, "");
  EXPECT_EQ(images[3].copy_of, "b/6");
  EXPECT_EQ(training().read, 1);  // the one as large as a held-out one
  ContentReader reader;
  EXPECT_TRUE(record_held_out(nullptr, training(), reader).empty());
}

TEST(HeldOut, SaysWhatOfItIsDoubtful) {
  EXPECT_THAT(
      held_out_notes(record()),
      ElementsAre(HasSubstr("1 of the 5 validation images is a training image too, byte for byte, such as "
                            "b/8 and b/6"),
                  HasSubstr("1 of the 5 validation images cannot be read, such as b/9")));
  EXPECT_TRUE(held_out_notes({}).empty());
}

TEST(HeldOut, AnImageThatCannotBeReadForAMomentIsReadAgain) {
  const Named held(std::vector<Named::Item>{{"a/3", "three"}});
  held.failures = 2;
  ContentReader reader;
  EXPECT_TRUE(record_held_out(&held, training(), reader).at(0).digest);
}

TEST(HeldOut, ProgressCountsWhatIsRead) {
  const Named held(std::vector<Named::Item>{{"a/3", "three"}, {"b/8", "a twin"}});
  std::vector<std::int64_t> seen;
  ContentReader reader([&](std::int64_t done, std::int64_t all) {
    seen.push_back(done);
    EXPECT_EQ(all, 3);  // both, and one training image of the same size
  });
  record_held_out(&held, training(), reader);
  EXPECT_THAT(seen, ElementsAre(2, 3));
}

// An observer of a run need not be ready for calls from several threads.
TEST(HeldOut, ProgressComesFromTheCallingThread) {
  std::vector<Named::Item> items;
  for (int i = 0; i < 200; ++i) items.push_back({std::to_string(i), "content " + std::to_string(i)});
  const Named many(items);
  std::set<std::thread::id> threads;
  ContentReader reader([&](std::int64_t, std::int64_t) { threads.insert(std::this_thread::get_id()); });
  record_held_out(&many, training(), reader);
  EXPECT_THAT(threads, ElementsAre(std::this_thread::get_id()));
}

TEST(HeldOut, ReadingStopsWhenItIsToldTo) {
  const Named held(std::vector<Named::Item>{{"a/3", "three"}, {"b/8", "a twin"}});
  const std::atomic<bool> stop = true;
  ContentReader reader({}, &stop);
  record_held_out(&held, training(), reader);
  EXPECT_TRUE(reader.stopped());
  EXPECT_EQ(held.read, 0);
}

TEST(HeldOut, CountsImagesThatCannotBeReadApart) {
  EXPECT_EQ(search({{"a/3", "three"}, {"b/9", "now it is there"}}).unreadable, 1U);
  const Named now(std::vector<Named::Item>{{"a/3", "three"}});
  const std::vector<HeldOutImage> images = record();
  now.failures = 100;
  const HeldOutSearch none = find(images, now);
  EXPECT_TRUE(none.found.empty());
  EXPECT_EQ(none.unreadable, 2U);
  EXPECT_EQ(none.missing, 3U);
}

TEST(HeldOut, FindsWhatIsThere) {
  const HeldOutSearch all = search({{"a/1", "one"},
                                    {"a/2", "two"},
                                    {"a/3", "three"},
                                    {"a/4", "four"},
                                    {"b/5", "fives"},
                                    {"b/6", "a twin"},
                                    {"b/8", "a twin"}});
  EXPECT_THAT(all.found, ElementsAre(2, 3, 4, 6));
  EXPECT_EQ(all.changed + all.missing, 0U);
}

TEST(HeldOut, FollowsImagesThatWereMovedOrRelabelled) {
  const HeldOutSearch moved = search({{"b/3", "three"}, {"c/other", "four"}, {"b/5", "fives"}});
  EXPECT_THAT(moved.found, ElementsAre(0, 1, 2));
  EXPECT_EQ(moved.missing, 1U);  // the twin
  EXPECT_EQ(moved.unreadable, 1U);
}

TEST(HeldOut, NeverCountsAnImageThatWasTrainedOn) {
  // Copied over a name, moved to one, edited, and the training image that had a twin.
  const HeldOutSearch none = search(
      {{"a/3", "one"}, {"a/4", "two"}, {"b/5", "fivez"}, {"b/6", "a twin"}, {"b/7", "of another size"}});
  EXPECT_TRUE(none.found.empty());
  EXPECT_EQ(none.changed, 3U);
  EXPECT_EQ(none.missing, 1U);
}

TEST(HeldOut, CountsACopyOnce) {
  EXPECT_THAT(search({{"a/0", "three"}, {"a/3", "three"}}).found, ElementsAre(1));
  EXPECT_THAT(search({{"a/0", "three"}, {"a/00", "three"}}).found, ElementsAre(0));
}

TEST(HeldOut, ReadsOnlyWhatIsAsLargeAsARecordedImage) {
  const Named now({{"a/3", "three"}, {"a/1", "one"}, {"a/2", "two"}, {"c", "a large one"}});
  find(record(), now);
  EXPECT_EQ(now.read, 1);
}

TEST(HeldOut, IsKeptInAFile) {
  const TemporaryFolder folder;
  const fs::path file = folder / "held-out.jsonl";
  EXPECT_FALSE(read_held_out(file).has_value());
  std::vector<HeldOutImage> images = record();
  images[0].file = "\"a\" b\n/\xc3\xa4";
  write_held_out(file, images);
  const auto back = read_held_out(file);
  ASSERT_TRUE(back.has_value());
  ASSERT_EQ(back->size(), images.size());
  for (std::size_t i = 0; i < images.size(); ++i) {
    EXPECT_EQ(back->at(i).file, images[i].file);
    EXPECT_EQ(back->at(i).bytes, images[i].bytes);
    EXPECT_EQ(back->at(i).digest, images[i].digest);
    EXPECT_EQ(back->at(i).copy_of, images[i].copy_of);
  }
  write_held_out(file, {});
  EXPECT_TRUE(read_held_out(file)->empty());
  for (const char* line :
       {"{}", "x", R"({"file":"a","bytes":1,"digest":"xyz"})", R"({"file":"a","bytes":1,"digest":"12 "})",
        R"({"file":1,"bytes":1,"digest":"1"})"}) {
    write_file(file, std::string(R"({"file":"a","bytes":1,"digest":"12"})") + "\n" + line + "\n");
    EXPECT_THAT(error_text<DataError>([&] { read_held_out(file); }), HasSubstr("line 2")) << line;
  }
}

TEST(HeldOut, FindsNamesThatAreNotUtf8) {
  const Named held(std::vector<Named::Item>{{"a/\xff", "three"}});
  ContentReader reader;
  const auto images = record_held_out(&held, training(), reader);
  EXPECT_THAT(find(images, held).found, ElementsAre(0));
}

/// Photos of two classes, each unlike the others.
void write_photos(const fs::path& folder, int count) {
  for (int i = 0; i < count; ++i)
    for (const int place : {0, 1}) {
      const fs::path file = folder / (place == 0 ? "cats" : "dogs") / (std::to_string(i) + ".png");
      write_png(file, 12, place);
      // What follows the end of a PNG is not looked at, but makes another file of it.
      std::ofstream(file, std::ios::binary | std::ios::app) << "photo " << place << ' ' << i;
    }
}

TrainConfig photo_run(const fs::path& data, const fs::path& out) {
  TrainConfig config = tiny_config(data, out);
  config.epochs = 1;
  config.validation_split = 0.25;
  return config;
}

TEST(TrainingOverlap, CountsTheImagesThatTheRunDidNotHoldOut) {
  const TemporaryFolder folder;
  write_photos(folder / "photos", 16);
  Watcher watcher;
  train_tiny(photo_run(folder / "photos", folder / "run"), watcher);
  const auto overlap = [&](const fs::path& model, const fs::path& data) {
    return training_overlap(model, data, *open_evaluation(data, {"cats", "dogs"}));
  };
  for (const fs::path& model : {folder / "run", folder / "run/best.safetensors"}) {
    const auto known = overlap(model, folder / "photos");
    ASSERT_TRUE(known.has_value());
    EXPECT_TRUE(known->recorded);
    EXPECT_EQ(known->images, 24);
    EXPECT_EQ(known->run, folder / "run");
  }
  write_photos(folder / "other", 4);
  EXPECT_FALSE(overlap(folder / "run", folder / "other").has_value());
  EXPECT_FALSE(overlap(folder / "other", folder / "photos").has_value());
  fs::copy(folder / "photos", folder / "copied", fs::copy_options::recursive);
  EXPECT_EQ(overlap(folder / "run", folder / "copied")->images, 24);
  fs::remove(folder / "run/held-out.jsonl");
  EXPECT_FALSE(overlap(folder / "run", folder / "photos")->recorded);
  write_file(folder / "run/config.json", "[]");
  EXPECT_THAT(overlap(folder / "run", folder / "photos")->problem, HasSubstr("config.json"));
  fs::remove(folder / "run/environment.json");
  fs::remove(folder / "run/metrics.jsonl");
  EXPECT_FALSE(overlap(folder / "run", folder / "photos").has_value());  // another program's config.json
}

TEST(HeldOutByARun, IsRecordedForEveryKindOfData) {
  const TemporaryFolder folder;
  const auto recorded = [&](TrainConfig config, const char* run) {
    Watcher watcher;
    config.out = (folder / run).string();
    config.epochs = 1;
    train_tiny(config, watcher);
    return read_held_out(RunFiles(folder / run).held_out()).value();
  };
  write_tiny_data(folder / "idx", 96, 30);
  EXPECT_EQ(recorded(tiny_config(folder / "idx", {}), "its own part").size(), 30U);
  write_tiny_data(folder / "plain", 96, 0);
  TrainConfig config = tiny_config(folder / "plain", {});
  EXPECT_TRUE(recorded(config, "nothing").empty());
  config.validation_split = 0.25;
  const auto drawn = recorded(config, "split");
  ASSERT_EQ(drawn.size(), 24U);
  EXPECT_THAT(drawn[0].file, HasSubstr("train-images-idx3-ubyte["));
  EXPECT_EQ(drawn[0].bytes, 144U);
  config.validation_split = 0;
  config.validation = (folder / "idx").string();
  EXPECT_EQ(recorded(config, "named").size(), 30U);
  write_photos(folder / "photos", 16);
  ASSERT_EQ(std::system(("cd '" + folder.path().string() + "' && tar cf photos.tar photos").c_str()), 0);
  EXPECT_EQ(recorded(photo_run(folder / "photos.tar", {}), "archive").size(), 8U);
}

}  // namespace
}  // namespace alexnet
