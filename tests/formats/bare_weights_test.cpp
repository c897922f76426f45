#include "formats/safetensors/bare_weights.h"

#include <gmock/gmock.h>

#include "alexnet/error.h"
#include "formats/safetensors/safetensors.h"
#include "tests/error_text.h"
#include "tests/formats/folder.h"

namespace alexnet {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::FloatEq;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Optional;
using testing::Pair;
using testing::SizeIs;
using testing::UnorderedElementsAre;

class BareWeights : public testing::Test {
 protected:
  using Metadata = std::map<std::string, std::string>;
  std::filesystem::path save(const Metadata& metadata) {
    NamedTensors tensors;
    tensors.emplace("mean", TensorView::own(Tensor({3}, {102, 51, 255})));
    tensors.emplace("conv1.weight", TensorView::own(Tensor({4, 1, 3, 3})));
    save_tensors(tensors, metadata, folder_ / "bare.safetensors");
    return folder_ / "bare.safetensors";
  }
  std::string error_of(const Metadata& metadata) {
    return error_text<DataError>([&] { load_weights(save(metadata)); });
  }
  const Folder folder_;
  const Metadata metadata_ = {
      {"source", "a museum"},
      {"channel_order", "BGR"},
      {"input", "0..255 minus mean, 227x227 crop of 256x256"},
      {"groups", "(conv2=2/conv4=2, conv5=2 of all)"},
      {"lrn",
       "after relu of conv1 and conv2: n=5 alpha=1e-4 (divided by n) beta=0.75 k=1; then max pool 3/2"}};
};

TEST_F(BareWeights, BringTheirPreparation) {
  const StoredWeights stored = load_weights(save(metadata_));
  EXPECT_FALSE(stored.spec);
  ASSERT_TRUE(stored.preprocessing);
  EXPECT_EQ(stored.preprocessing->resize, 256);
  EXPECT_EQ(stored.preprocessing->crop_width, 227);
  EXPECT_TRUE(stored.preprocessing->bgr);
  EXPECT_THAT(stored.preprocessing->mean, ElementsAre(FloatEq(0.4F), FloatEq(0.2F), FloatEq(1)));
  EXPECT_THAT(stored.preprocessing->stddev, Each(FloatEq(1 / 255.0F)));
  EXPECT_THAT(stored.provenance, ElementsAre(Pair("source", "a museum")));
}

TEST_F(BareWeights, SayWhatIsAroundThem) {
  const StoredWeights stored = load_weights(save(metadata_));
  ASSERT_TRUE(stored.response);
  EXPECT_THAT(stored.response->size, Optional(5.0F));
  EXPECT_THAT(stored.response->k, Optional(1.0F));
  EXPECT_THAT(stored.response->alpha, Optional(FloatEq(1e-4F)));
  EXPECT_THAT(stored.response->beta, Optional(FloatEq(0.75F)));
  EXPECT_EQ(stored.response->convention, Lrn::Convention::kMean);
  EXPECT_EQ(stored.response->text, metadata_.at("lrn"));
  ASSERT_TRUE(stored.groups);
  EXPECT_THAT(stored.groups->by_layer,
              UnorderedElementsAre(Pair("conv2", 2), Pair("conv4", 2), Pair("conv5", 2)));
  // "mean=5" says nothing of n, and silence nothing of anything.
  const StoredWeights silent = load_weights(save({{"lrn", "mean=5"}}));
  EXPECT_EQ(silent.response->size, std::nullopt);
  EXPECT_EQ(silent.response->convention, Lrn::Convention::kSum);
  EXPECT_FALSE(silent.groups);
  EXPECT_FALSE(load_weights(save({})).response);
}

TEST_F(BareWeights, AreRefusedWhenTheirPreparationIsNotUnderstood) {
  auto metadata = metadata_;
  metadata["input"] = "-1..1";
  EXPECT_THAT(error_of(metadata), HasSubstr("'-1..1'"));
  metadata["input"] = "0..255 minus mean, 99999x99999 crop of 99999x99999";
  EXPECT_THAT(error_of(metadata), HasSubstr("up to 65536"));
  metadata = metadata_;
  metadata["channel_order"] = "GBR";
  EXPECT_THAT(error_of(metadata), HasSubstr("GBR"));
  EXPECT_FALSE(load_weights(save({})).preprocessing);
}

TEST_F(BareWeights, MayComeFromPyTorch) {
  const StoredWeights stored = load_weights(save({{"format", "pt"}}));
  EXPECT_THAT(stored.weights, SizeIs(2));
  EXPECT_THAT(stored.classes, IsEmpty());
  EXPECT_THAT(error_of({{"format", "alexnet checkpoint 1"}}), HasSubstr("alexnet checkpoint"));
}

TEST_F(BareWeights, AreNoModel) {
  EXPECT_THAT(error_text<DataError>([&] { load_model(save(metadata_)); }),
              HasSubstr("bare.safetensors: contains weights but no network; train a network"));
}

}  // namespace
}  // namespace alexnet
