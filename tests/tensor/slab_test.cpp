#include "tensor/slab.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <utility>

#include "alexnet/error.h"
#include "alexnet/tensor.h"
#include "base/memory.h"

namespace alexnet {
namespace {

TEST(SlabAligned, RoundsUpToCacheLines) {
  EXPECT_EQ(slab_aligned(0), 0U);
  EXPECT_EQ(slab_aligned(1), 16U);
  EXPECT_EQ(slab_aligned(16), 16U);
  EXPECT_EQ(slab_aligned(17), 32U);
}

TEST(Slab, IsZeroedAndAligned) {
  for (const std::size_t count : {std::size_t{1}, std::size_t{1000}, (std::size_t{2} << 20) / 4 + 1}) {
    Slab slab(count);
    ASSERT_EQ(slab.size(), count);
    ASSERT_EQ(slab.span().size(), count);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(slab.data()) % 64, 0U);
    EXPECT_TRUE(std::ranges::all_of(slab.span(), [](float value) { return value == 0.0F; }));
    std::ranges::fill(slab.span(), 1.0F);  // every float of it is writable
  }
}

TEST(Slab, LargeOnesStartAtHugePages) {
  const Slab slab(std::size_t{3} << 20);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(slab.data()) % (std::uintptr_t{2} << 20), 0U);
}

// One that is not used yet is not free for the next.
TEST(Slab, IsPromised) {
  const std::size_t before = promised_memory();
  {
    Slab first(std::size_t{8} << 20), second(std::size_t{4} << 20);
    EXPECT_EQ(promised_memory(), before + (std::size_t{48} << 20));
    std::ranges::fill(first.span(), 1.0F);
    EXPECT_EQ(promised_memory(), before + (std::size_t{16} << 20));
    first = std::move(second);
    EXPECT_EQ(promised_memory(), before + (std::size_t{16} << 20));
  }
  EXPECT_EQ(promised_memory(), before);
}

TEST(Slab, MovesItsMemory) {
  Slab a(100);
  a.data()[7] = 3.0F;
  const float* memory = a.data();
  const Slab b = std::move(a);
  EXPECT_EQ(b.data(), memory);
  EXPECT_EQ(b.data()[7], 3.0F);
}

TEST(Slab, EmptyOneHasNoMemory) {
  EXPECT_EQ(Slab().size(), 0U);
  EXPECT_EQ(Slab(0).data(), nullptr);
  EXPECT_TRUE(Slab(0).span().empty());
}

TEST(Slab, MoreThanTheMachineHasIsADeviceError) {
  for (const std::size_t count : {std::size_t{1} << 40, std::size_t{1} << 60, SIZE_MAX / sizeof(float) + 2}) {
    try {
      const Slab slab(count);
      ADD_FAILURE() << count;
    } catch (const DeviceError& error) {
      EXPECT_THAT(error.what(), testing::HasSubstr("GB are free"));
      EXPECT_THAT(error.fix(), testing::HasSubstr("--batch"));
    }
  }
}

}  // namespace
}  // namespace alexnet
