#include "engine/registry/registry.h"

#include <gmock/gmock.h>

#include "alexnet/error.h"
#include "tests/error_text.h"
#include "tests/every_engine.h"

namespace alexnet {
namespace {

TEST(Engines, AreFoundByTheirNames) {
  EXPECT_THAT(engine_names(), testing::ElementsAre("cpu", "reference"));
  for (const Engine* engine : engines()) EXPECT_EQ(&find_engine(engine->name()), engine);
}

TEST(Engines, OfOtherNamesAreErrorsThatListThem) {
  EXPECT_EQ(error_text<UsageError>([] { find_engine("abc"); }),
            "engine: 'abc' is not valid: expected cpu or reference");
}

TEST(Engines, OfferWhatTheySay) {
  for (const std::string& name : available_engines()) {
    SCOPED_TRACE(name);
    const EngineOffer offer = find_engine(name).offer();
    EXPECT_THAT(offer.training_precisions, testing::Contains(Precision::kFloat32));
    EXPECT_THAT(offer.inference_precisions, testing::Contains(Precision::kFloat32));
    const bool trains_in_bf16 =
        std::ranges::find(offer.training_precisions, Precision::kBf16) != offer.training_precisions.end();
    EXPECT_EQ(offer.no_bf16_training.empty(), trains_in_bf16);
    EXPECT_FALSE(offer.instructions.empty());
  }
}

}  // namespace
}  // namespace alexnet
