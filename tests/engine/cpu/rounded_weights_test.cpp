// Copies of weights in fewer bits: one for all networks of a model, and gone with the last of them.
#include "engine/cpu/dense/rounded_weights.h"

#include <gmock/gmock.h>

#include <thread>
#include <vector>

namespace alexnet::cpu {
namespace {

TensorView weights() { return TensorView::own(Tensor({2, 3}, {1, 0.5F, -2, 127, -63.5F, 0})); }

TEST(RoundedWeights, OfATensorAreOneCopy) {
  const TensorView tensor = weights(), same = tensor, other = weights();
  const auto halves = shared_bf16(tensor);
  EXPECT_EQ(halves, shared_bf16(same));
  EXPECT_NE(halves, shared_bf16(other));
  const auto bytes = shared_bytes(tensor, 2);
  EXPECT_EQ(bytes, shared_bytes(same, 2));
  EXPECT_NE(bytes, shared_bytes(other, 2));
  EXPECT_THAT(bytes->scales, testing::ElementsAre(2.0F / 127, 1));
  EXPECT_THAT(std::vector<int>(bytes->values.data(), bytes->values.data() + 6),
              testing::ElementsAre(64, 32, -127, 127, -64, 0));
}

TEST(RoundedWeights, OfAPartOfAFileAreItsOwn) {
  const TensorView all = weights();
  const TensorView row{{1, 3}, all.values.first(3), all.keep};
  const auto whole = shared_bf16(all), part = shared_bf16(row);
  EXPECT_EQ(whole->size(), 6U);
  EXPECT_EQ(part->size(), 3U);
}

TEST(RoundedWeights, KeepTheirTensorAndGoWithTheLastUser) {
  TensorView tensor = weights();
  const std::weak_ptr<const void> storage = tensor.keep;
  auto copy = shared_bf16(tensor);
  tensor = {};
  EXPECT_FALSE(storage.expired()) << "another tensor could lie where this one did";
  copy.reset();
  EXPECT_TRUE(storage.expired());
}

TEST(RoundedWeights, OfMemoryWithoutAKeeperAreNotShared) {
  const std::vector<float> values(6, 1);
  const TensorView tensor{{2, 3}, values, nullptr};
  EXPECT_NE(shared_bf16(tensor), shared_bf16(tensor));
}

TEST(RoundedWeights, AreMadeOnceForSeveralThreads) {
  const TensorView tensor = TensorView::own(Tensor({64, 4096}));
  std::vector<std::shared_ptr<const RoundedNumbers<hwy::bfloat16_t>>> copies(4);
  {
    std::vector<std::jthread> threads;
    for (auto& copy : copies) threads.emplace_back([&] { copy = shared_bf16(tensor); });
  }
  for (const auto& copy : copies) EXPECT_EQ(copy, copies[0]);
}

}  // namespace
}  // namespace alexnet::cpu
