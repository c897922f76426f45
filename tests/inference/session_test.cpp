// One session, whatever its images come as and however many they are; and one from several threads.
#include "inference/session.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

#include "alexnet/error.h"
#include "alexnet/log.h"
#include "base/parallel.h"
#include "tests/inference/golden.h"

namespace alexnet {
namespace {

std::vector<float> values_of(std::span<const float> values) { return {values.begin(), values.end()}; }

TEST(Session, AnEndlessFeedIsReadAFewBatchesAhead) {
  constexpr std::size_t kEnough = 1000, kBatch = 3;
  Session session(small_model(), {.batch = kBatch});
  const Image image = load_image(images()[0], 3);
  std::size_t asked = 0, done = 0, max_ahead = 0;
  const auto endless = [&]() -> std::optional<ImageInput> {
    ++asked;
    return ImageInput::view(image);
  };
  struct Enough {};
  const auto body = [&](const ImageBatch& batch) {
    EXPECT_EQ(batch.first, done);
    max_ahead = std::max(max_ahead, asked - done);
    done += batch.inputs.size();
    if (done >= kEnough) throw Enough{};
  };
  EXPECT_THROW(session.run({.next = endless, .ready = [] { return true; }}, body), Enough);
  const std::size_t threads = static_cast<std::size_t>(thread_count());
  EXPECT_LE(max_ahead, kBatch * (1 + (threads + kBatch - 1) / kBatch));
}

TEST(Session, BatchesAreFullButTheLast) {
  for (std::size_t count = 0; count <= 7; ++count) {
    Session session(small_model(), {.batch = 3, .engine = "reference"});
    std::vector<ImageInput> list;
    for (std::size_t i = 0; i < count; ++i) list.emplace_back(images()[i % kImages]);
    std::vector<std::size_t> sizes;
    session.run(feed_of(list), [&](const ImageBatch& batch) { sizes.push_back(batch.inputs.size()); });
    std::vector<std::size_t> expected(count / 3, 3);
    if (count % 3 > 0) expected.push_back(count % 3);
    EXPECT_EQ(sizes, expected);
  }
}

// As when names arrive one after the other: a whole batch for one image would take as long as if it were
// full.
TEST(Session, AFewImagesAreComputedInASmallerBatch) {
  const Model model = small_model();
  Session session(model, {.batch = 16, .layers = {"pool"}}), single(model, {.layers = {"pool"}});
  const auto pool =
      static_cast<std::size_t>(output_shapes(model.spec)[layer_index(model.spec, "pool")].size());
  for (const std::size_t count : {1U, 2U, 3U, 5U, 18U}) {
    std::vector<ImageInput> list;
    for (std::size_t i = 0; i < count; ++i) list.emplace_back(images()[i % kImages]);
    std::size_t done = 0;
    session.run(feed_of(list), [&](const ImageBatch& batch) {
      const bool few = batch.inputs.size() <= 2;
      EXPECT_EQ(session.logits().size(), (few ? 2 : 16) * kClasses) << count;
      std::vector<float> outputs(16 * pool), one(pool);
      session.read("pool", outputs);
      for (std::size_t i = 0; i < batch.inputs.size(); ++i, ++done) {
        single.run(list[done]);
        single.read("pool", one);
        const std::vector<float> expected = single.probabilities(0), found = session.probabilities(i);
        for (std::size_t c = 0; c < kClasses; ++c) EXPECT_NEAR(found[c], expected[c], 1e-5F);
        for (std::size_t k = 0; k < pool; ++k) EXPECT_NEAR(outputs[i * pool + k], one[k], 1e-4F);
      }
    });
    EXPECT_EQ(done, count);
  }
}

TEST(Session, ABadImageIsARowOfZeros) {
  Session session(small_model(), {.batch = 2});
  const std::vector<ImageInput> list = {ImageInput(images()[0]), ImageInput(golden("missing.png")),
                                        ImageInput(golden("missing.png"))};
  std::vector<bool> bad;
  session.run(feed_of(list), [&](const ImageBatch& batch) {
    const std::size_t size = batch.images.size() / batch.inputs.size();
    for (std::size_t i = 0; i < batch.inputs.size(); ++i) {
      bad.push_back(!batch.errors[i].empty());
      const auto row = batch.images.subspan(i * size, size);
      EXPECT_EQ(std::ranges::all_of(row, [](float value) { return value == 0; }), bad.back());
    }
  });
  EXPECT_EQ(bad, (std::vector<bool>{false, true, true}));
}

TEST(Session, StopsBehindTheLastLayerAskedFor) {
  const Model model = small_model();
  Session whole(model, {.layers = {"pool"}}), part(model, {.layers = {"pool"}, .last = "pool"});
  EXPECT_EQ(part.network().spec().layers.back().name, "pool");
  const ImageInput input(images()[1]);
  const auto size =
      static_cast<std::size_t>(output_shapes(model.spec)[layer_index(model.spec, "pool")].size());
  std::vector<float> from_whole(size), from_part(size);
  whole.run(input);
  whole.read("pool", from_whole);
  part.run(input);
  part.read("pool", from_part);
  EXPECT_EQ(from_whole, from_part);
  EXPECT_THROW(Session(model, {.last = "conv9"}), UsageError);
  EXPECT_THROW(whole.run(ImageInput(golden("missing.png"))), DataError);
}

TEST(Session, IsTheSameOnAnotherThread) {
  const int usual = thread_count();
  for (const int threads : {1, 2, 3}) {
    set_thread_count(threads);
    Session session(small_model(), {});
    const ImageInput input(images()[2]);
    session.run(input);
    const std::vector<float> here = values_of(session.logits());
    std::vector<float> there, anew;
    std::jthread([&] {
      session.run(input);
      there = values_of(session.logits());
      Session another(small_model(), {});
      another.run(input);
      anew = values_of(another.logits());
    }).join();
    EXPECT_EQ(here, there);
    EXPECT_EQ(here, anew);
  }
  set_thread_count(usual);
}

TEST(Session, SharesTheModelsTensors) {
  std::weak_ptr<const void> storage;
  {
    std::optional<Model> model = small_model();
    storage = model->weights.begin()->second.keep;
    Session one(*model, {}), other(*model, {});
    model.reset();
    EXPECT_FALSE(storage.expired()) << "sessions keep the tensors that they were made of";
    const ImageInput input(images()[0]);
    one.run(input);
    other.run(input);
    EXPECT_EQ(values_of(one.logits()), values_of(other.logits()));
  }
  EXPECT_TRUE(storage.expired());
}

TEST(Session, NotesOnceWhatItsEngineDoesNotOffer) {
  std::vector<std::string> notes;
  set_log_sink([&](LogLevel, std::string_view message) { notes.emplace_back(message); });
  for (int i = 0; i < 2; ++i) Session(small_model(), {.engine = "reference", .precision = "bf16"});
  Session(small_model(), {.engine = "cpu", .precision = "bf16"});
  set_log_sink({});
  ASSERT_EQ(notes.size(), 1U);
  EXPECT_EQ(notes[0], "computed in f32 instead of bf16: the reference engine computes in float32 alone");
}

}  // namespace
}  // namespace alexnet
