#include <fmt/format.h>
#include <gmock/gmock.h>

#include <chrono>
#include <random>

#include "alexnet/error.h"
#include "alexnet/network.h"

namespace alexnet {
namespace {

using testing::AllOf;
using testing::HasSubstr;

/// Every kind of layer, nothing left at its default.
NetworkSpec everything() {
  const Initial gaussian{Initial::Kind::kGaussian, 0.03F, 0.7F};
  return {"every \"kind\"",
          {3, 33, 31},
          {{"conv", Conv{8, 5, 2, {Padding::Mode::kExplicit, 2}, 1, 0.0003F, gaussian}},
           {"same", Conv{8, 3, 1, {Padding::Mode::kSame, 0}, 2, 0.1F, {}}},
           {"tanh", Activation{Activation::Kind::kTanh}},
           {"sigmoid", Activation{Activation::Kind::kSigmoid}},
           {"relu", Activation{}},
           {"norm", BatchNorm{1e-5F, 0.9F}},
           {"lrn", Lrn{3, 1.5F, 2e-4F, 0.6F, Lrn::Convention::kMean}},
           {"pool", Pool{Pool::Kind::kAverage, 2, 3, {Padding::Mode::kSame, 0}, Pool::Rounding::kCeil}},
           {"wide", Conv{8, {3, 5}, {1, 2}, {Padding::Mode::kExplicit, {1, 2, 0, 3}}, 1, 0.0F, {}}},
           {"within", Lrn{3, 1.5F, 2e-4F, 0.6F, Lrn::Convention::kSum, Lrn::Region::kWithinChannel}},
           {"counts", Pool{Pool::Kind::kAverage,
                           {2, 3},
                           {2, 1},
                           {Padding::Mode::kExplicit, {1, 0, 0, 2}},
                           Pool::Rounding::kFloor,
                           true}},
           {"drop", Dropout{0.1F}},
           {"flat", Flatten{}},
           {"dense", Dense{7, 0.25F, gaussian}},
           {"prob", Softmax{true}}}};
}

TEST(SpecJson, ComesBackEqual) {
  for (const NetworkSpec& spec : {everything(), build(227, 227, 3, 1000), build(64, 57, 1, 10, 1.0 / 3)})
    EXPECT_EQ(spec_from_json(spec_to_json(spec), "model"), spec);
}

TEST(SpecJson, IsReadable) {
  const NetworkSpec spec{"n", {1, 1, 1}, {{"c", Conv{.filters = 2, .l2 = 0.0002F}}}};
  EXPECT_EQ(spec_to_json(spec),
            R"({"name":"n","input":{"channels":1,"height":1,"width":1},"layers":[{"name":"c","kind":"conv",)"
            R"("filters":2,"kernel":1,"stride":1,"padding":"valid","groups":1,"l2":0.0002,)"
            R"("initial":{"kind":"glorot_uniform","stddev":0.01,"bias":0.0}}]})");
}

TEST(SpecJson, WritesRectanglesAsLists) {
  const NetworkSpec spec{"n",
                         {1, 4, 4},
                         {{"p", Pool{.kind = Pool::Kind::kAverage,
                                     .kernel = {2, 3},
                                     .stride = {1, 2},
                                     .padding = {Padding::Mode::kExplicit, {1, 2, 0, 1}},
                                     .counts_padding = true}},
                          {"l", Lrn{.region = Lrn::Region::kWithinChannel}},
                          {"f", Flatten{}},
                          {"s", Softmax{.log = true}}}};
  EXPECT_EQ(spec_to_json(spec),
            R"({"name":"n","input":{"channels":1,"height":4,"width":4},"layers":[{"name":"p","kind":"pool",)"
            R"("function":"average","kernel":[2,3],"stride":[1,2],"padding":[1,2,0,1],"rounding":"floor",)"
            R"("counts_padding":true},{"name":"l","kind":"lrn","size":5,"k":2.0,"alpha":0.0001,"beta":0.75,)"
            R"("convention":"sum","region":"within_channel"},{"name":"f","kind":"flatten"},)"
            R"({"name":"s","kind":"softmax","log":true}]})");
}

TEST(SpecJson, LeavesOutWhatIsUsual) {
  const NetworkSpec spec =
      spec_from_json(R"({"name":"n","input":{"channels":1,"height":8,"width":1},"layers":[)"
                     R"({"name":"c","kind":"conv","filters":2,"kernel":1,"stride":1}]})",
                     "x");
  EXPECT_EQ(spec, (NetworkSpec{"n", {1, 8, 1}, {{"c", Conv{.filters = 2}}}}));
}

TEST(SpecJson, ReadsTheNamesOfEarlierVersions) {
  std::string text = spec_to_json(everything());
  const std::string now = "stddev", before = "deviation";
  for (std::size_t at = text.find(now); at != std::string::npos; at = text.find(now, at))
    text.replace(at, now.size(), before);
  ASSERT_NE(text.find(before), std::string::npos);
  EXPECT_EQ(spec_from_json(text, "x"), everything());
}

std::string with_layer(const std::string& layer) {
  return R"({"name":"n","input":{"channels":3,"height":8,"width":8},"layers":[)" + layer + "]}";
}

TEST(SpecJson, NamesTheFileAndTheKeyAtFault) {
  struct Case {
    std::string text;
    const char* says;
  };
  const std::vector<Case> cases = {
      {"", "JSON"},
      {"[]", "object"},
      {"{", "JSON"},
      {"{}", "'name' is missing"},
      {R"({"name":"n"})", "'input' is missing"},
      {R"({"name":"n","name":"m"})", "'name' appears twice"},
      {R"({"name":3})", "'name' is not a text"},
      {R"({"name":"n","input":[3,8,8],"layers":[]})", "'input' is not an object"},
      {R"({"name":"n","input":{"channels":3,"height":8,"width":8},"layers":[]})", "'layers'"},
      {R"({"name":"n","input":{"channels":3,"height":8,"width":8},"layers":[3]})",
       "'layers[0]' is not an object"},
      {R"({"name":"n","input":{"channels":3,"height":8,"width":8,"depth":3},"layers":[]})",
       "'input.depth' is not a known key"},
      {with_layer(R"({"name":"c"})"), "'layers[0].kind' is missing"},
      {with_layer(R"({"kind":"flatten"})"), "'layers[0].name' is missing"},
      {with_layer(R"({"name":"c","kind":"swish"})"), "'layers[0].kind'"},
      {with_layer(R"({"name":"c","kind":["conv"]})"), "'layers[0].kind'"},
      {with_layer(R"({"name":"c","kind":"conv","filters":8,"kernel":1,"stride":1,"filter":8})"),
       "'layers[0].filter' is not a known key"},
      {with_layer(R"({"name":"c","kind":"conv","filters":"8"})"),
       "'layers[0].filters' is not a whole number"},
      {with_layer(R"({"name":"c","kind":"conv","filters":8.5})"),
       "'layers[0].filters' is not a whole number"},
      {with_layer(R"({"name":"c","kind":"conv","filters":4294967297})"),
       "'layers[0].filters' is out of range"},
      {with_layer(R"({"name":"c","kind":"conv","filters":-9223372036854775808})"), "out of range"},
      {with_layer(R"({"name":"c","kind":"conv","filters":18446744073709551615})"), "out of range"},
      {with_layer(R"({"name":"c","kind":"conv","filters":8,"kernel":1,"stride":1,"l2":1e39})"),
       "'layers[0].l2' is out of range"},
      {with_layer(R"({"name":"c","kind":"conv","filters":8,"kernel":1,"stride":1,"l2":1e999})"),
       "out of range"},
      {with_layer(R"({"name":"c","kind":"conv","filters":8,"kernel":1,"stride":1,"l2":true})"),
       "'layers[0].l2' is not a number"},
      {with_layer(R"({"name":"c","kind":"conv","filters":8,"kernel":1,"stride":1,"padding":"full"})"),
       "'layers[0].padding'"},
      {with_layer(R"({"name":"c","kind":"conv","filters":8,"kernel":1,"stride":1,"padding":1.5})"),
       "'layers[0].padding'"},
      {with_layer(R"({"name":"c","kind":"conv","filters":8,"kernel":[3],"stride":1})"),
       "'layers[0].kernel' is not a number or a list of 2 numbers"},
      {with_layer(R"({"name":"c","kind":"conv","filters":8,"kernel":[3,1.5],"stride":1})"),
       "'layers[0].kernel' is not a whole number"},
      {with_layer(R"({"name":"c","kind":"conv","filters":8,"kernel":3,"stride":[1,0]})"), "c: stride"},
      {with_layer(R"({"name":"c","kind":"conv","filters":8,"kernel":3,"stride":1,"padding":[1,1]})"),
       "'layers[0].padding' is not a number or a list of 4 numbers"},
      {with_layer(R"({"name":"c","kind":"conv","filters":8,"kernel":[3,2],"stride":1,"padding":2})"),
       "c: padding must be from 0 to 1, not 2"},
      {with_layer(R"({"name":"p","kind":"pool","kernel":2,"stride":1,"counts_padding":true})"),
       "p: is a maximum, which cannot count padding"},
      {with_layer(R"({"name":"l","kind":"lrn","region":"around"})"),
       "'layers[0].region' is not one of across_channels, within_channel"},
      {with_layer(R"({"name":"f","kind":"flatten"},{"name":"s","kind":"softmax","log":1})"),
       "'layers[1].log' is not true or false"},
      {with_layer(R"({"name":"c","kind":"conv","filters":8,"kernel":1,"stride":1,"initial":{"kind":"he"}})"),
       "'layers[0].initial.kind' is not one of glorot_uniform, gaussian"},
      {with_layer(R"({"name":"c","kind":"conv","filters":0,"kernel":1,"stride":1})"), "c: filters"},
      {with_layer(R"({"name":"c","kind":"conv","filters":8,"kernel":9,"stride":1})"),
       "c: an image of 8x8 is too small"},
      {with_layer(R"({"name":"c","kind":"conv","kernel":3,"stride":1})"), "'layers[0].filters' is missing"},
      {with_layer(R"({"name":"c","kind":"conv","filters":8,"stride":1})"), "'layers[0].kernel' is missing"},
      {with_layer(R"({"name":"c","kind":"conv","filters":8,"kernel":3})"), "'layers[0].stride' is missing"},
      {with_layer(R"({"name":"p","kind":"pool","stride":2})"), "'layers[0].kernel' is missing"},
      {with_layer(R"({"name":"p","kind":"pool","kernel":2})"), "'layers[0].stride' is missing"},
      {with_layer(R"({"name":"d","kind":"dense"})"), "'layers[0].units' is missing"},
      {R"({"name":"n","input":{"channels":3,"width":8},"layers":[]})", "'input.height' is missing"},
      {with_layer(R"({"name":"d","kind":"dropout","rate":1})"), "d: rate"},
      {with_layer(R"({"name":"a","kind":"flatten"},{"name":"a","kind":"flatten"})"), "a: is the name of two"},
      {with_layer(R"({"name":"../a","kind":"flatten"})"), "has a layer with '/' or a control character"},
      {with_layer(R"({"name":"a\u0000","kind":"flatten"})"), "has a layer with '/' or a control character"},
      {with_layer(R"({"name":"\u001b[2J","kind":"flatten"})"), "has a layer with '/' or a control character"},
      {with_layer(R"({"name":"a\u007f","kind":"flatten"})"), "has a layer with '/' or a control character"},
      {R"({"name":"\n","input":{"channels":1,"height":1,"width":1},"layers":[{"name":"f","kind":"flatten"}]})",
       "network: has a name with '/' or a control character"}};
  for (const Case& bad : cases) {
    try {
      spec_from_json(bad.text, "some.file");
      ADD_FAILURE() << "accepted: " << bad.text;
    } catch (const DataError& error) {
      EXPECT_THAT(error.what(), AllOf(HasSubstr("some.file"), HasSubstr(bad.says))) << bad.text;
    }
  }
}

// In time that grows with the number of layers, not with its square: ten thousand took seconds.
TEST(SpecJson, TakesManyLayersAndNoMore) {
  const auto deep = [](int layers) {
    std::string list;
    for (int i = 0; i < layers; ++i)
      list += (i == 0 ? "" : ",") + fmt::format(R"({{"name":"b{}","kind":"batch_norm"}})", i);
    return with_layer(list);
  };
  const auto start = std::chrono::steady_clock::now();
  EXPECT_EQ(spec_from_json(deep(10'000), "x").layers.size(), 10'000U);
  EXPECT_THROW(spec_from_json(deep(200'000), "x"), DataError);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(10));
}

TEST(SpecJson, NeverCrashesOnDamage) {
  const std::string good = spec_to_json(everything());
  std::minstd_rand random(1);
  int accepted = 0;
  for (int round = 0; round < 3000; ++round) {
    std::string text = good;
    for (auto flips = 1 + random() % 3; flips > 0; --flips)
      text[random() % text.size()] = static_cast<char>(random() % 256);
    try {
      summarize(spec_from_json(text, "x"));
      ++accepted;
    } catch (const DataError&) {
    }
  }
  EXPECT_GT(accepted, 0);     // a digit for a digit
  EXPECT_LT(accepted, 2000);  // most damage shows
}

}  // namespace
}  // namespace alexnet
