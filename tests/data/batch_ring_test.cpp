// Batches filled ahead: all of them, in order, and never more than there are slots for.
#include "data/loader/batch_ring.h"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <stdexcept>
#include <thread>

#include "alexnet/error.h"
#include "tests/failing_allocation.h"

namespace alexnet {
namespace {

TEST(BatchRing, FillsALongRowOfBatchesInOrderInItsSlots) {
  constexpr int kBatches = 500;
  std::array<int, 3> number{};  // of the batch in each slot
  std::atomic<int> filled = 0;
  BatchRing ring({3, 2, 4}, 4, [&](std::size_t slot, std::size_t row, std::span<float> image) {
    ++filled;
    std::ranges::fill(image, static_cast<float>(2 * number[slot]) + static_cast<float>(row));
  });
  int submitted = 0, taken = 0;
  for (;;) {
    ring.release();
    for (; submitted < kBatches && ring.has_room(); ++submitted) {
      number[ring.next_slot()] = submitted;
      ring.submit(submitted + 1 == kBatches ? 1 : 2);
    }
    EXPECT_LE(submitted - taken, 3);
    if (!ring.has_batches()) break;
    const BatchRing::Filled batch = ring.take();
    ASSERT_EQ(batch.rows, taken + 1 == kBatches ? 1U : 2U);
    ASSERT_EQ(batch.images.size(), batch.rows * 4);
    for (std::size_t i = 0; i < batch.images.size(); ++i)
      ASSERT_EQ(batch.images[i], static_cast<float>(2 * taken) + static_cast<float>(i / 4));
    EXPECT_LE(filled, 2 * (taken + 3));
    ++taken;
  }
  EXPECT_EQ(taken, kBatches);
}

TEST(BatchRing, WhatIsDroppedIsNotTaken) {
  std::atomic<bool> slow = true;
  BatchRing* itself = nullptr;
  BatchRing ring({2, 1, 1}, 2, [&](std::size_t, std::size_t, std::span<float> image) {
    while (slow && !itself->dropping()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    image[0] = slow ? 1.0F : 2.0F;
  });
  itself = &ring;
  ring.submit(1);
  ring.submit(1);
  EXPECT_FALSE(ring.has_room());
  ring.drop();
  EXPECT_FALSE(ring.has_batches());
  slow = false;
  EXPECT_EQ(ring.next_slot(), 0U);
  ring.submit(1);
  EXPECT_EQ(ring.take().images[0], 2.0F);
}

TEST(BatchRing, AnErrorOfAFillSurfaces) {
  BatchRing ring({2, 3, 1}, 2, [](std::size_t, std::size_t row, std::span<float>) {
    if (row == 1) throw std::runtime_error("broken");
  });
  ring.submit(3);
  EXPECT_THROW(ring.take(), std::runtime_error);
  ring.drop();
  ring.submit(1);
  EXPECT_EQ(ring.take().rows, 1U);
}

TEST(BatchRing, WithoutWorkersIsFilledByTheThreadThatTakes) {
  const std::thread::id user = std::this_thread::get_id();
  int filled = 0;
  BatchRing ring({2, 2, 1}, 0, [&](std::size_t, std::size_t row, std::span<float> image) {
    EXPECT_EQ(std::this_thread::get_id(), user);
    if (++filled == 4) throw std::runtime_error("broken");
    image[0] = static_cast<float>(row);
  });
  ring.submit(2);
  ring.submit(2);
  EXPECT_EQ(filled, 0);
  EXPECT_EQ(ring.take().images[1], 1.0F);
  EXPECT_EQ(filled, 2);
  EXPECT_THROW(ring.take(), std::runtime_error);
}

// Threads that were started before the memory ran out are joined: otherwise the program would end here.
TEST(BatchRing, CannotBeMadeWithoutMemory) {
  const auto make = [] {
    const BatchRing ring({2, 2, 8}, 3, [](std::size_t, std::size_t, std::span<float>) {});
  };
  EXPECT_GE(test::fail_each_allocation(make), 6);  // slots, images and threads
}

}  // namespace
}  // namespace alexnet
