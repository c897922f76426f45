// When a stream asks its feed, how much it starts for how many images, and what errors leave behind.
#include "inference/image_stream.h"

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

class ImageStreamTest : public testing::Test {
 protected:
  ImageStreamTest() {
    set_thread_count(8);
    preprocessing();  // loads the model, which must not happen where allocations fail
  }
  ~ImageStreamTest() override { set_thread_count(usual_); }

  std::vector<ImageInput> list(std::size_t count) const {
    std::vector<ImageInput> list;
    for (std::size_t i = 0; i < count; ++i) list.push_back(ImageInput::view(image_, std::to_string(i)));
    return list;
  }
  static ImageStream stream(std::size_t batch, ImageFeed feed) {
    return {{3, preprocessing().crop_height, preprocessing().crop_width},
            preprocessing(),
            batch,
            std::move(feed)};
  }

  const Image image_ = load_image(images()[0], 3);

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

TEST_F(ImageStreamTest, StartsNoMoreThreadsThanThereAreImages) {
  const std::size_t idle = idle_threads();
  for (const std::size_t batch : {1U, 2U, 32U})
    for (const std::size_t count : {0U, 1U, 2U, 3U, 40U}) {
      const std::vector<ImageInput> inputs = list(count);
      while (threads() > idle) std::this_thread::yield();
      ImageStream all = stream(batch, feed_of(inputs));
      std::size_t done = 0, max = idle;
      while (const ImageBatch* next = all.next()) {
        done += next->inputs.size();
        max = std::max(max, threads());
      }
      EXPECT_EQ(done, count);
      EXPECT_EQ(max - idle, count < 2 ? 0 : std::min<std::size_t>(count, 8)) << batch << ' ' << count;
    }
}

TEST_F(ImageStreamTest, DeliversAllBeforeAFeedThatMayWaitIsAsked) {
  for (const std::size_t batch : {1U, 2U, 3U}) {
    const std::vector<ImageInput> inputs = list(8);
    std::size_t asked = 0, delivered = 0;
    ImageStream all = stream(batch, {.next = [&]() -> std::optional<ImageInput> {
                               EXPECT_EQ(delivered, asked / batch * batch);
                               return asked < inputs.size() ? std::optional(inputs[asked++]) : std::nullopt;
                             }});
    while (const ImageBatch* next = all.next())
      for (const ImageInput& input : next->inputs) EXPECT_EQ(input.name(), std::to_string(delivered++));
    EXPECT_EQ(delivered, 8U);
  }
}

TEST_F(ImageStreamTest, TakesWhatAQueueHoldsAndWaitsForNoMore) {
  const std::vector<ImageInput> inputs = list(12);
  std::size_t come = 3, asked = 0, delivered = 0, max_ahead = 0;  // the first three are there at once
  const auto next_input = [&]() -> std::optional<ImageInput> {
    if (asked == come) {  // waits: nothing that is finished may be held up by that
      EXPECT_EQ(asked, delivered);
      come = std::min<std::size_t>(come + 4, inputs.size());
    }
    if (asked == inputs.size()) return std::nullopt;
    max_ahead = std::max(max_ahead, asked - delivered);
    return inputs[asked++];
  };
  ImageStream all = stream(1, {.next = next_input, .ready = [&] { return asked < come; }});
  while (const ImageBatch* next = all.next()) {
    EXPECT_EQ(next->inputs[0].name(), std::to_string(delivered));
    ++delivered;
  }
  EXPECT_EQ(delivered, inputs.size());
  EXPECT_GE(max_ahead, 2U) << "what is there is prepared ahead";
}

// What has come is delivered, in a batch that is not full, before the feed is asked for what is yet to come.
TEST_F(ImageStreamTest, WaitsForNoFullBatchOfAFeedThatSaysItIsNotReady) {
  const std::vector<ImageInput> inputs = list(14);
  std::size_t come = 3, asked = 0, delivered = 0;
  const auto next_input = [&]() -> std::optional<ImageInput> {
    if (asked == come) {
      EXPECT_EQ(asked, delivered);
      come = std::min<std::size_t>(come + 1 + come % 5, inputs.size());
    }
    return asked < inputs.size() ? std::optional(inputs[asked++]) : std::nullopt;
  };
  ImageStream all = stream(4, {.next = next_input, .ready = [&] { return asked < come; }});
  while (const ImageBatch* next = all.next())
    for (const ImageInput& input : next->inputs) EXPECT_EQ(input.name(), std::to_string(delivered++));
  EXPECT_EQ(delivered, inputs.size());
}

TEST_F(ImageStreamTest, FillsBatchesOfAFeedThatIsReady) {
  const std::vector<ImageInput> inputs = list(11);
  ImageStream all = stream(4, feed_of(inputs));
  std::vector<std::size_t> sizes;
  while (const ImageBatch* next = all.next()) sizes.push_back(next->inputs.size());
  EXPECT_EQ(sizes, (std::vector<std::size_t>{4, 4, 3}));
}

TEST_F(ImageStreamTest, LosesNothingWhenAFeedThrows) {
  for (std::size_t broken = 0; broken <= 5; ++broken)
    for (const bool ready : {true, false}) {
      const std::vector<ImageInput> inputs = list(5);
      std::size_t asked = 0;
      bool repaired = false;
      ImageFeed feed{.next = [&]() -> std::optional<ImageInput> {
        if (asked == broken && !std::exchange(repaired, true)) throw std::runtime_error("broken");
        return asked < inputs.size() ? std::optional(inputs[asked++]) : std::nullopt;
      }};
      if (ready) feed.ready = [] { return true; };
      ImageStream all = stream(2, std::move(feed));
      std::size_t done = 0, errors = 0;
      for (bool more = true; more;) {
        try {
          const ImageBatch* next = all.next();
          more = next != nullptr;
          if (!more) break;
          for (const ImageInput& input : next->inputs) EXPECT_EQ(input.name(), std::to_string(done++));
        } catch (const std::runtime_error&) {
          ++errors;
        }
      }
      EXPECT_EQ(done, 5U) << broken << ready;
      EXPECT_EQ(errors, 1U);
    }
  ImageStream never_asked =
      stream(2, {.next = []() -> std::optional<ImageInput> { throw std::bad_alloc(); }});
  EXPECT_THROW(never_asked.next(), std::bad_alloc);
}

TEST_F(ImageStreamTest, EndsWithoutMemory) {
  const std::vector<ImageInput> inputs = list(7);
  const auto use = [&] {
    ImageStream all = stream(2, feed_of(inputs));
    std::size_t done = 0;
    while (const ImageBatch* next = all.next()) done += next->inputs.size();
    EXPECT_EQ(done, 7U);
  };
  EXPECT_GT(test::fail_each_allocation(use), 10);
}

// What was taken from the feed before the memory ran out comes later.
TEST_F(ImageStreamTest, GoesOnWhenThereIsMemoryAgain) {
  const std::vector<ImageInput> inputs = list(7);
  for (std::int64_t allowed = 0; allowed < 40; ++allowed) {
    ImageStream all = stream(2, feed_of(inputs));
    std::size_t done = 0;
    {
      const test::FailingAllocation failing(allowed);
      try {
        if (const ImageBatch* next = all.next()) done += next->inputs.size();
      } catch (const std::bad_alloc&) {
        EXPECT_EQ(done, 0U);
      }
    }
    while (const ImageBatch* next = all.next())
      for (const ImageInput& input : next->inputs) EXPECT_EQ(input.name(), std::to_string(done++));
    EXPECT_EQ(done, 7U) << allowed;
  }
}

}  // namespace
}  // namespace alexnet
