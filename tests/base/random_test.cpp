#include "base/random.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>
#include <set>
#include <vector>

namespace alexnet {
namespace {

using Block = std::array<std::uint32_t, 4>;

// Random123's kat_vectors, "philox4x32 10": counter, key, output. The counter's words reach random_block() as
// block, index (low and 24 high bits, the purpose above them) and step.
struct KnownAnswer {
  Block counter;
  std::array<std::uint32_t, 2> key;
  Block output;
};

constexpr KnownAnswer kKnownAnswers[] = {
    {{0, 0, 0, 0}, {0, 0}, {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}},
    {{0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff},
     {0xffffffff, 0xffffffff},
     {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}},
    {{0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
     {0xa4093822, 0x299f31d0},
     {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}},
};

TEST(RandomBlock, IsPhilox4x32With10Rounds) {
  for (const KnownAnswer& known : kKnownAnswers) {
    const std::uint64_t seed = known.key[0] | std::uint64_t{known.key[1]} << 32;
    const auto purpose = static_cast<Purpose>(known.counter[2] >> 24);
    const std::uint64_t index = known.counter[1] | std::uint64_t{known.counter[2] & 0x00ffffff} << 32;
    EXPECT_EQ(random_block(seed, purpose, known.counter[3], index, known.counter[0]), known.output);
  }
}

TEST(RandomBlock, DiffersWithEveryArgument) {
  const std::set<Block> blocks = {
      random_block(1, Purpose::kCrop, 1, 1, 1),          random_block(2, Purpose::kCrop, 1, 1, 1),
      random_block(1, Purpose::kMirror, 1, 1, 1),        random_block(1, Purpose::kCrop, 2, 1, 1),
      random_block(1, Purpose::kCrop, 1, 2, 1),          random_block(1, Purpose::kCrop, 1, 1, 2),
      random_block(1ULL << 32, Purpose::kCrop, 1, 1, 1), random_block(1, Purpose::kCrop, 1, 1ULL << 32, 1)};
  EXPECT_EQ(blocks.size(), 8U);
}

TEST(RandomStream, DrawsTheWordsOfItsBlocksInOrder) {
  RandomStream stream(9, Purpose::kShuffle, 4, 77);
  for (std::uint32_t block = 0; block < 3; ++block)
    for (const std::uint32_t word : random_block(9, Purpose::kShuffle, 4, 77, block))
      EXPECT_EQ(stream.next(), word);
}

TEST(RandomStream, NeighbouringStreamsAreUncorrelated) {
  constexpr int kDraws = 20000;
  RandomStream a(1, Purpose::kColour, 0, 0), b(1, Purpose::kColour, 0, 1), c(1, Purpose::kCrop, 0, 0);
  double ab = 0, ac = 0;
  for (int i = 0; i < kDraws; ++i) {
    const double x = a.uniform() - 0.5;
    ab += x * (b.uniform() - 0.5);
    ac += x * (c.uniform() - 0.5);
  }
  // Each product has standard deviation 1/12.
  EXPECT_LT(std::abs(ab), 4 * std::sqrt(double{kDraws}) / 12);
  EXPECT_LT(std::abs(ac), 4 * std::sqrt(double{kDraws}) / 12);
}

TEST(RandomStream, UniformFillsTheUnitInterval) {
  RandomStream stream(5, Purpose::kSample, 0, 0);
  std::array<int, 10> bins{};
  double sum = 0;
  constexpr int kDraws = 100000;
  for (int i = 0; i < kDraws; ++i) {
    const float value = stream.uniform();
    ASSERT_GE(value, 0.0F);
    ASSERT_LT(value, 1.0F);
    ++bins[static_cast<std::size_t>(value * 10)];
    sum += value;
  }
  EXPECT_NEAR(sum / kDraws, 0.5, 4 * std::sqrt(1.0 / 12 / kDraws));
  for (const int count : bins) EXPECT_NEAR(count, kDraws / 10.0, 5 * std::sqrt(kDraws * 0.09));
}

TEST(RandomStream, BelowIsEvenAndInBounds) {
  RandomStream stream(5, Purpose::kCrop, 0, 0);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(stream.below(1), 0U);
  std::array<int, 7> counts{};
  constexpr int kDraws = 70000;
  for (int i = 0; i < kDraws; ++i) {
    const std::uint32_t value = stream.below(7);
    ASSERT_LT(value, 7U);
    ++counts[value];
  }
  for (const int count : counts) EXPECT_NEAR(count, kDraws / 7.0, 5 * std::sqrt(kDraws * 6.0 / 49));
  // With n = 3 * 2^30 plain scaling would give a multiple of 3 twice as often as any other number.
  constexpr std::uint32_t kLarge = 3U << 30;
  int multiples = 0;
  for (int i = 0; i < 30000; ++i) {
    const std::uint32_t value = stream.below(kLarge);
    ASSERT_LT(value, kLarge);
    multiples += value % 3 == 0 ? 1 : 0;
  }
  EXPECT_NEAR(multiples, 10000, 5 * std::sqrt(30000 * 2.0 / 9));
  for (int i = 0; i < 100; ++i)
    EXPECT_LT(stream.below(std::numeric_limits<std::uint32_t>::max()), 0xffffffffU);
}

TEST(RandomStream, NormalHasMeanZeroAndVarianceOne) {
  RandomStream stream(5, Purpose::kInitialWeights, 0, 0);
  constexpr int kDraws = 100000;
  double sum = 0, squares = 0, fourth = 0;
  for (int i = 0; i < kDraws; ++i) {
    const double value = stream.normal();
    ASSERT_TRUE(std::isfinite(value));
    sum += value;
    squares += value * value;
    fourth += value * value * value * value;
  }
  EXPECT_NEAR(sum / kDraws, 0.0, 4 / std::sqrt(double{kDraws}));
  EXPECT_NEAR(squares / kDraws, 1.0, 4 * std::sqrt(2.0 / kDraws));
  EXPECT_NEAR(fourth / kDraws, 3.0, 4 * std::sqrt(96.0 / kDraws));
}

TEST(DropoutDraw, TakesEightNeighboursFromEachBlock) {
  constexpr std::uint64_t kSeed = 11;
  constexpr std::uint32_t kStep = 6, kLayer = 4;
  for (const std::uint64_t group : {std::uint64_t{0}, std::uint64_t{3}, std::uint64_t{5} << 32}) {
    const Block bits = random_block(kSeed, Purpose::kDropout, kStep, kLayer | (group >> 32 << 16),
                                    static_cast<std::uint32_t>(group));
    for (std::uint64_t lane = 0; lane < 8; ++lane)
      EXPECT_EQ(dropout_draw(kSeed, kStep, kLayer, group * 8 + lane),
                (bits[lane / 2] >> (16 * (lane % 2))) & 0xffffU);
  }
}

TEST(DropoutThreshold, IsTheFractionOf16Bits) {
  EXPECT_EQ(dropout_threshold(0.0F), 0U);
  EXPECT_EQ(dropout_threshold(0.25F), 16384U);
  EXPECT_EQ(dropout_threshold(0.5F), 32768U);
}

}  // namespace
}  // namespace alexnet
