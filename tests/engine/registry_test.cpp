#include "engine/registry/registry.h"

#include <gmock/gmock.h>

#include "alexnet/error.h"
#include "tests/error_text.h"
#include "tests/every_engine.h"

namespace alexnet {
namespace {

TEST(Engines, AreFoundByTheirNames) {
  EXPECT_THAT(engine_names(), testing::ElementsAre("cpu", "reference"));
  for (const Engine* engine : engines()) {
    if (!engine->why_unavailable().empty()) continue;
    EXPECT_EQ(&find_engine(engine->name()), engine);
  }
}

TEST(Engines, ThatCannotRunHereSayWhyNot) {
  for (const Engine* engine : engines()) {
    const std::string why = engine->why_unavailable(), name(engine->name());
    if (why.empty()) continue;
    EXPECT_EQ(error_text<DeviceError>([&] { find_engine(name); }),
              "engine " + name + ": cannot run here: " + why + "; use another engine");
  }
}

TEST(Engines, OfOtherNamesAreErrorsThatListThem) {
  EXPECT_EQ(error_text<UsageError>([] { find_engine("abc"); }),
            "engine: 'abc' is not valid: expected cpu or reference");
}

NetworkSpec two_units() {
  return {"two units", {3, 1, 1}, {{"flatten", Flatten{}}, {"fc", Dense{.units = 2}}}};
}

/// Calls body(engine, precision, training) for all that runs here.
template <class Body>
void each_kind_of_plan(const Body& body) {
  for (const std::string& name : available_engines())
    for (const Precision precision : {Precision::kFloat32, Precision::kBf16, Precision::kInt8})
      for (const bool training : {false, true}) {
        SCOPED_TRACE(name + ", " + std::string(to_string(precision)) + (training ? ", training" : ""));
        body(find_engine(name), precision, training);
      }
}

TEST(Engines, SayWhatTheyComputeWith) {
  for (const std::string& name : available_engines())
    EXPECT_FALSE(find_engine(name).offer().instructions.empty()) << name;
}

TEST(Engines, AllComputeInFloat32) {
  each_kind_of_plan([](const Engine& engine, Precision precision, bool training) {
    EXPECT_TRUE(precision != Precision::kFloat32 || engine.why_not(precision, training).empty());
  });
}

TEST(Engines, RefusePrecisionsThatTheyDoNotOffer) {
  each_kind_of_plan([](const Engine& engine, Precision precision, bool training) {
    const auto compile = [&] { engine.compile(two_units(), {.training = training, .precision = precision}); };
    const std::string why = engine.why_not(precision, training);
    EXPECT_EQ(error_text<UsageError>(compile),
              why.empty() ? "no error"
                          : "precision " + std::string(to_string(precision)) + ": " + why + "; ask for f32");
  });
}

TEST(Engines, ComputeInFloat32WhereAPrecisionIsAWish) {
  each_kind_of_plan([](const Engine& engine, Precision precision, bool training) {
    const std::string why = engine.why_not(precision, training);
    const PrecisionChoice choice = choose_precision(engine, precision, training);
    EXPECT_EQ(choice.precision, why.empty() ? precision : Precision::kFloat32);
    EXPECT_EQ(choice.note.empty(), why.empty());
    EXPECT_THAT(choice.note, testing::EndsWith(why));
  });
  EXPECT_EQ(choose_precision(find_engine(kReference), Precision::kBf16, false).note,
            "computed in f32 instead of bf16: the reference engine computes in float32 alone");
}

}  // namespace
}  // namespace alexnet
