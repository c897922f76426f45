// When a stream asks its feed, how much it starts for how many images, and what errors leave behind.
#include "inference/picture_stream.h"

#include <gtest/gtest.h>

#include <chrono>
#include <deque>
#include <iterator>
#include <stdexcept>
#include <thread>

#include "base/parallel.h"
#include "tests/failing_allocation.h"
#include "tests/inference/golden.h"

namespace alexnet {
namespace {

const Preprocessing& preprocessing() {
  static const Preprocessing how = small_model().preprocessing;
  return how;
}

class PictureStreamTest : public testing::Test {
 protected:
  PictureStreamTest() {
    set_thread_count(8);
    preprocessing();  // loads the model, which must not happen where allocations fail
  }
  ~PictureStreamTest() override { set_thread_count(usual_); }

  std::vector<Picture> list(std::size_t count) const {
    std::vector<Picture> list;
    for (std::size_t i = 0; i < count; ++i) list.push_back(Picture::view(image_, std::to_string(i)));
    return list;
  }
  static PictureStream stream(std::size_t batch, PictureFeed feed) {
    return {{3, preprocessing().crop_height, preprocessing().crop_width},
            preprocessing(),
            batch,
            std::move(feed)};
  }

  const Image image_ = load_image(pictures()[0], 3);

 private:
  const int usual_ = thread_count();
};

std::size_t threads() {
  return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator("/proc/self/task"), {}));
}

// The threads of an idle process: this one, and the one that the thread sanitizer starts with a program's
// first thread. A thread that was joined is listed for a moment longer.
std::size_t idle_threads() {
  std::jthread([] {}).join();
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  return threads();
}

TEST_F(PictureStreamTest, StartsNoMoreThreadsThanThereAreImages) {
  const std::size_t idle = idle_threads();
  for (const std::size_t batch : {1U, 2U, 32U})
    for (const std::size_t count : {0U, 1U, 2U, 3U, 40U}) {
      const std::vector<Picture> pictures = list(count);
      while (threads() > idle) std::this_thread::yield();
      PictureStream all = stream(batch, feed_of(pictures));
      std::size_t done = 0, max = idle;
      while (const PictureBatch* next = all.next()) {
        done += next->pictures.size();
        max = std::max(max, threads());
      }
      EXPECT_EQ(done, count);
      EXPECT_EQ(max - idle, count < 2 ? 0 : std::min<std::size_t>(count, 8)) << batch << ' ' << count;
    }
}

TEST_F(PictureStreamTest, DeliversAllBeforeAFeedThatMayWaitIsAsked) {
  for (const std::size_t batch : {1U, 2U, 3U}) {
    const std::vector<Picture> pictures = list(8);
    std::size_t asked = 0, delivered = 0;
    PictureStream all =
        stream(batch, {.next = [&]() -> std::optional<Picture> {
                 EXPECT_EQ(delivered, asked / batch * batch);
                 return asked < pictures.size() ? std::optional(pictures[asked++]) : std::nullopt;
               }});
    while (const PictureBatch* next = all.next())
      for (const Picture& picture : next->pictures) EXPECT_EQ(picture.name(), std::to_string(delivered++));
    EXPECT_EQ(delivered, 8U);
  }
}

TEST_F(PictureStreamTest, TakesWhatAQueueHoldsAndWaitsForNoMore) {
  const std::vector<Picture> pictures = list(12);
  std::size_t come = 3, asked = 0, delivered = 0, max_ahead = 0;  // the first three are there at once
  const auto next_picture = [&]() -> std::optional<Picture> {
    if (asked == come) {  // waits: nothing that is finished may be held up by that
      EXPECT_EQ(asked, delivered);
      come = std::min<std::size_t>(come + 4, pictures.size());
    }
    if (asked == pictures.size()) return std::nullopt;
    max_ahead = std::max(max_ahead, asked - delivered);
    return pictures[asked++];
  };
  PictureStream all = stream(1, {.next = next_picture, .ready = [&] { return asked < come; }});
  while (const PictureBatch* next = all.next()) {
    EXPECT_EQ(next->pictures[0].name(), std::to_string(delivered));
    ++delivered;
  }
  EXPECT_EQ(delivered, pictures.size());
  EXPECT_GE(max_ahead, 2U) << "what is there is prepared ahead";
}

// What has come is delivered, in a batch that is not full, before the feed is asked for what is yet to come.
TEST_F(PictureStreamTest, WaitsForNoFullBatchOfAFeedThatSaysItIsNotReady) {
  const std::vector<Picture> pictures = list(14);
  std::size_t come = 3, asked = 0, delivered = 0;
  const auto next_picture = [&]() -> std::optional<Picture> {
    if (asked == come) {
      EXPECT_EQ(asked, delivered);
      come = std::min<std::size_t>(come + 1 + come % 5, pictures.size());
    }
    return asked < pictures.size() ? std::optional(pictures[asked++]) : std::nullopt;
  };
  PictureStream all = stream(4, {.next = next_picture, .ready = [&] { return asked < come; }});
  while (const PictureBatch* next = all.next())
    for (const Picture& picture : next->pictures) EXPECT_EQ(picture.name(), std::to_string(delivered++));
  EXPECT_EQ(delivered, pictures.size());
}

TEST_F(PictureStreamTest, FillsBatchesOfAFeedThatIsReady) {
  const std::vector<Picture> pictures = list(11);
  PictureStream all = stream(4, feed_of(pictures));
  std::vector<std::size_t> sizes;
  while (const PictureBatch* next = all.next()) sizes.push_back(next->pictures.size());
  EXPECT_EQ(sizes, (std::vector<std::size_t>{4, 4, 3}));
}

TEST_F(PictureStreamTest, LosesNothingWhenAFeedThrows) {
  for (std::size_t broken = 0; broken <= 5; ++broken)
    for (const bool ready : {true, false}) {
      const std::vector<Picture> pictures = list(5);
      std::size_t asked = 0;
      bool repaired = false;
      PictureFeed feed{.next = [&]() -> std::optional<Picture> {
        if (asked == broken && !std::exchange(repaired, true)) throw std::runtime_error("broken");
        return asked < pictures.size() ? std::optional(pictures[asked++]) : std::nullopt;
      }};
      if (ready) feed.ready = [] { return true; };
      PictureStream all = stream(2, std::move(feed));
      std::size_t done = 0, errors = 0;
      for (bool more = true; more;) {
        try {
          const PictureBatch* next = all.next();
          more = next != nullptr;
          if (!more) break;
          for (const Picture& picture : next->pictures) EXPECT_EQ(picture.name(), std::to_string(done++));
        } catch (const std::runtime_error&) {
          ++errors;
        }
      }
      EXPECT_EQ(done, 5U) << broken << ready;
      EXPECT_EQ(errors, 1U);
    }
  PictureStream never_asked = stream(2, {.next = []() -> std::optional<Picture> { throw std::bad_alloc(); }});
  EXPECT_THROW(never_asked.next(), std::bad_alloc);
}

TEST_F(PictureStreamTest, EndsWithoutMemory) {
  const std::vector<Picture> pictures = list(7);
  const auto use = [&] {
    PictureStream all = stream(2, feed_of(pictures));
    std::size_t done = 0;
    while (const PictureBatch* next = all.next()) done += next->pictures.size();
    EXPECT_EQ(done, 7U);
  };
  EXPECT_GT(test::fail_each_allocation(use), 10);
}

// What was taken from the feed before the memory ran out comes later.
TEST_F(PictureStreamTest, GoesOnWhenThereIsMemoryAgain) {
  const std::vector<Picture> pictures = list(7);
  for (std::int64_t allowed = 0; allowed < 40; ++allowed) {
    PictureStream all = stream(2, feed_of(pictures));
    std::size_t done = 0;
    {
      const test::FailingAllocation failing(allowed);
      try {
        if (const PictureBatch* next = all.next()) done += next->pictures.size();
      } catch (const std::bad_alloc&) {
        EXPECT_EQ(done, 0U);
      }
    }
    while (const PictureBatch* next = all.next())
      for (const Picture& picture : next->pictures) EXPECT_EQ(picture.name(), std::to_string(done++));
    EXPECT_EQ(done, 7U) << allowed;
  }
}

}  // namespace
}  // namespace alexnet
