// torchvision's AlexNet by its names and shapes: a whole model. The tensors are zeros; tests/cli compares
// logits.
#include <gmock/gmock.h>

#include "alexnet/error.h"
#include "alexnet/model.h"
#include "alexnet/presets.h"
#include "formats/safetensors/safetensors.h"
#include "tests/error_text.h"
#include "tests/formats/folder.h"

namespace alexnet {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::FieldsAre;
using testing::FloatEq;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Key;
using testing::Pair;
using testing::SizeIs;
using From = Assumption::From;

/// State dict of torchvision.models.alexnet(num_classes=classes).
NamedTensors torchvision_tensors(const std::string& prefix, std::int64_t classes) {
  const std::pair<const char*, Shape> weights[] = {
      {"features.0", {64, 3, 11, 11}},  {"features.3", {192, 64, 5, 5}},   {"features.6", {384, 192, 3, 3}},
      {"features.8", {256, 384, 3, 3}}, {"features.10", {256, 256, 3, 3}}, {"classifier.1", {4096, 9216}},
      {"classifier.4", {4096, 4096}},   {"classifier.6", {classes, 4096}}};
  // All look at the same zeros, which is enough for shapes.
  static const std::vector<float> zeros(std::size_t{4096} * 9216);
  NamedTensors tensors;
  for (const auto& [name, shape] : weights) {
    const auto count = static_cast<std::size_t>(element_count(shape));
    tensors[prefix + name + ".weight"] = {shape, std::span(zeros).first(count), nullptr};
    tensors[prefix + name + ".bias"] = {
        {shape[0]}, std::span(zeros).first(static_cast<std::size_t>(shape[0])), nullptr};
  }
  return tensors;
}

class Families : public testing::Test {
 protected:
  StoredWeights saved(const NamedTensors& tensors) const {
    save_tensors(tensors, {{"format", "pt"}}, folder_ / "net.safetensors");
    return load_weights(folder_ / "net.safetensors");
  }
  const Folder folder_;
};

TEST_F(Families, TorchvisionsAlexNetIsAWholeModel) {
  const StoredWeights stored = saved(torchvision_tensors("", 10));
  ASSERT_TRUE(stored.spec);
  EXPECT_EQ(*stored.spec, find_preset("owt").build(224, 224, 3, 10, 0));
  ASSERT_TRUE(stored.preprocessing);
  EXPECT_EQ(stored.preprocessing->resize, 256);
  EXPECT_EQ(stored.preprocessing->crop_width, 224);
  EXPECT_FALSE(stored.preprocessing->bgr);
  EXPECT_THAT(stored.preprocessing->mean, ElementsAre(FloatEq(0.485F), FloatEq(0.456F), FloatEq(0.406F)));
  EXPECT_THAT(stored.preprocessing->stddev, ElementsAre(FloatEq(0.229F), FloatEq(0.224F), FloatEq(0.225F)));
  EXPECT_THAT(stored.classes, SizeIs(10));
  EXPECT_EQ(stored.classes[9], "9");
}

TEST_F(Families, SayWhereEverythingComesFrom) {
  const Origin origin = saved(torchvision_tensors("", 7)).origin;
  EXPECT_EQ(origin.format, "safetensors");
  EXPECT_EQ(origin.family, "torchvision AlexNet");
  EXPECT_THAT(origin.sources, SizeIs(16));
  EXPECT_EQ(origin.sources.at("conv4.weight").name, "features.8.weight");
  EXPECT_EQ(origin.sources.at("fc8.bias").name, "classifier.6.bias");
  EXPECT_THAT(origin.ignored, IsEmpty());
  EXPECT_THAT(origin.assumptions, Contains(FieldsAre("channel order", "RGB", From::kFamily)));
  EXPECT_THAT(origin.assumptions, Contains(FieldsAre("class names", "numbers, 0 to 6", From::kDefault)));
}

TEST_F(Families, MayBePartOfALargerNetwork) {
  NamedTensors tensors = torchvision_tensors("encoder.", 5);
  tensors["projection.weight"] = TensorView::own(Tensor({2, 5}));
  const StoredWeights stored = saved(tensors);
  ASSERT_TRUE(stored.spec);
  EXPECT_EQ(stored.origin.sources.at("conv1.bias").name, "encoder.features.0.bias");
  EXPECT_THAT(stored.origin.ignored,
              ElementsAre(Pair("projection.weight", "is not part of torchvision's AlexNet")));
}

TEST_F(Families, OthersStayBareWeights) {
  NamedTensors with_normalisation = torchvision_tensors("", 5);
  with_normalisation["features.1.weight"] = TensorView::own(Tensor({64}));
  const StoredWeights stored = saved(with_normalisation);
  EXPECT_FALSE(stored.spec);
  EXPECT_THAT(stored.weights, Contains(Key("features.0.weight")));
  EXPECT_THAT(stored.origin.assumptions, IsEmpty());

  NamedTensors narrow = torchvision_tensors("", 5);
  narrow["classifier.4.bias"] = TensorView::own(Tensor({2048}));
  EXPECT_FALSE(saved(narrow).spec);
  NamedTensors headless = torchvision_tensors("", 5);
  headless.erase("classifier.6.weight");
  EXPECT_FALSE(saved(headless).spec);
}

TEST_F(Families, AreCheckedLikeEveryModel) {
  NamedTensors tensors = torchvision_tensors("", 2);
  tensors["features.0.bias"] = TensorView::own(Tensor({64}, std::vector<float>(64, std::nanf(""))));
  EXPECT_THAT(error_text<DataError>([&] { saved(tensors); }),
              HasSubstr("'conv1.bias' holds values that are not finite"));
}

}  // namespace
}  // namespace alexnet
