// Pieces in use at the same time never overlap, and pieces that can share memory do.
#include "engine/cpu/memory/memory_plan.h"

#include <gtest/gtest.h>

#include <vector>

#include "base/random.h"

namespace alexnet::cpu {
namespace {

TEST(MemoryPlanTest, PiecesInUseTogetherNeverOverlap) {
  struct Request {
    std::size_t count;
    int first, last;
  };
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    RandomStream random(seed, Purpose::kSample, 0, 0);
    MemoryPlan plan;
    std::vector<Request> requests;
    for (int i = 0; i < 40; ++i) {
      const int first = static_cast<int>(random.below(30));
      const Request request{1 + random.below(5000), first, first + static_cast<int>(random.below(10))};
      requests.push_back(request);
      EXPECT_EQ(plan.add(request.count, request.first, request.last), i);
    }
    plan.place();
    for (int i = 0; i < 40; ++i) {
      const Request& a = requests[static_cast<std::size_t>(i)];
      EXPECT_EQ(plan.offset(i) % 16, 0U);
      EXPECT_LE(plan.offset(i) + a.count, plan.total());
      for (int j = 0; j < i; ++j) {
        const Request& b = requests[static_cast<std::size_t>(j)];
        if (a.last < b.first || b.last < a.first) continue;
        EXPECT_TRUE(plan.offset(i) + a.count <= plan.offset(j) || plan.offset(j) + b.count <= plan.offset(i));
      }
    }
  }
}

TEST(MemoryPlanTest, PiecesOneAfterAnotherShareMemory) {
  MemoryPlan plan;
  for (int time = 0; time < 10; ++time) plan.add(1000, time, time);
  plan.place();
  EXPECT_EQ(plan.total(), 1008U);  // 1000 rounded up to whole lines
}

TEST(MemoryPlanTest, LongerUseKeepsPiecesApart) {
  MemoryPlan plan;
  const MemoryPlan::Piece kept = plan.add(16, 0, 0), later = plan.add(16, 5, 5);
  plan.extend(kept, 5);
  plan.place();
  EXPECT_NE(plan.offset(kept), plan.offset(later));
}

}  // namespace
}  // namespace alexnet::cpu
