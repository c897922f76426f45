#include "tensor/survey.h"

#include <gtest/gtest.h>

#include <bit>
#include <cstdint>
#include <limits>
#include <set>
#include <utility>
#include <vector>

#include "base/parallel.h"

namespace alexnet {
namespace {

std::vector<float> ramp(std::size_t count) {
  std::vector<float> values(count);
  for (std::size_t i = 0; i < count; ++i) values[i] = static_cast<float>(i % 1000) * 0.01F - 3;
  return values;
}

float flipped(float value, int bit) {
  return std::bit_cast<float>(std::bit_cast<std::uint32_t>(value) ^ (1U << bit));
}

TEST(Survey, EveryBitCounts) {
  for (const std::size_t size : {1U, 15U, 16U, 17U, 16'384U, 40'003U}) {
    std::vector<float> values = ramp(size);
    const Survey before = survey(values);
    EXPECT_TRUE(before.moderate);
    for (const std::size_t at : {std::size_t{0}, size / 2, size - 1})
      for (int bit = 0; bit < 32; ++bit) {
        const float value = std::exchange(values[at], flipped(values[at], bit));
        EXPECT_NE(survey(values).digest, before.digest) << size << ' ' << at << ' ' << bit;
        values[at] = value;
      }
    EXPECT_EQ(survey(values).digest, before.digest);
  }
}

TEST(Survey, OrderAndLengthCount) {
  std::vector<float> values = ramp(50'000);
  std::set<std::uint64_t> digests = {survey(values).digest};
  std::swap(values[3], values[40'000]);
  EXPECT_TRUE(digests.insert(survey(values).digest).second);
  values.push_back(0);
  EXPECT_TRUE(digests.insert(survey(values).digest).second);
  values.push_back(0);
  EXPECT_TRUE(digests.insert(survey(values).digest).second);
  EXPECT_TRUE(digests.insert(survey({}).digest).second);
}

TEST(Survey, ThreadsDoNotCount) {
  const std::vector<float> values = ramp(300'000);
  const int usual = thread_count();
  std::set<std::uint64_t> digests;
  for (const int threads : {1, 2, 5}) {
    set_thread_count(threads);
    digests.insert(survey(values).digest);
  }
  set_thread_count(usual);
  EXPECT_EQ(digests.size(), 1U);
}

TEST(Survey, SeesWhatNobodyCanComputeWith) {
  std::vector<float> values = ramp(20'001);
  using Limits = std::numeric_limits<float>;
  for (const std::size_t at : {0U, 17'000U, 20'000U})
    for (const float value : {Limits::infinity(), -Limits::infinity(), Limits::quiet_NaN(), Limits::max(),
                              kMaxMagnitude, -kMaxMagnitude, 1.8e19F, 0.0F, -1e-40F}) {
      const float before = std::exchange(values[at], value);
      EXPECT_EQ(survey(values).moderate, value < kMaxMagnitude && value > -kMaxMagnitude) << value;
      values[at] = before;
    }
}

}  // namespace
}  // namespace alexnet
