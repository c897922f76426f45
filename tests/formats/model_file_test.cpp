#include <gmock/gmock.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>
#include <functional>
#include <limits>
#include <random>
#include <sstream>

#include "alexnet/error.h"
#include "alexnet/model.h"
#include "base/file.h"
#include "formats/safetensors/safetensors.h"
#include "tests/error_text.h"
#include "tests/formats/equal_models.h"
#include "tests/formats/folder.h"

namespace alexnet {
namespace {

using testing::AllOf;
using testing::HasSubstr;

Model tiny() {
  Model model;
  model.spec = {"tiny",
                {2, 4, 3},
                {{"conv", Conv{.filters = 3, .kernel = 2}},
                 {"bn", BatchNorm{}},
                 {"flat", Flatten{}},
                 {"fc", Dense{.units = 2}},
                 {"prob", Softmax{}}}};
  model.weights = initial_weights(model.spec, 3);
  model.classes = {"cat \"tom\"", "🐕"};
  model.preprocessing = {
      .resize = 5, .crop_width = 3, .crop_height = 4, .mean = {0.1F, 0.2F}, .stddev = {1, 0.3F}};
  model.provenance = {{"data", "a folder"}, {"epoch", "3"}};
  return model;
}

std::string error_of(const std::filesystem::path& path) {
  return error_text<DataError>([&] { load_model(path); });
}

TEST(ModelFile, ComesBackEqual) {
  const Folder folder;
  const Model model = tiny();
  save_model(model, folder / "m.safetensors");
  expect_equal(load_model(folder / "m.safetensors"), model);
}

Model with_mean_image() {
  Model model = tiny();
  model.preprocessing.resize = {7, 6};
  model.preprocessing.interpolation = Interpolation::kBicubic;
  model.preprocessing.antialias = false;
  model.preprocessing.floor_crop = true;
  Tensor image({2, 7, 6});
  for (std::size_t i = 0; i < image.values.size(); ++i) image.values[i] = static_cast<float>(i) / 100;
  model.preprocessing.mean_image = TensorView::own(std::move(image));
  return model;
}

TEST(ModelFile, KeepsHowImagesArePrepared) {
  const Folder folder;
  const Model model = with_mean_image();
  save_model(model, folder / "m.safetensors");
  expect_equal(load_model(folder / "m.safetensors"), model);
  EXPECT_FALSE(load_model(folder / "m.safetensors").weights.contains("preprocessing.mean_image"));
}

// Other programs that read models of this one know nothing that is not needed.
TEST(ModelFile, SaysNothingOfWhatIsUsual) {
  std::ostringstream usual, other;
  save_model(tiny(), usual);
  save_model(with_mean_image(), other);
  for (const char* key : {"interpolation", "antialias", "floor_crop", "mean_image"}) {
    EXPECT_THAT(usual.str(), testing::Not(HasSubstr(key)));
    EXPECT_THAT(other.str(), HasSubstr(key));
  }
}

TEST(ModelFile, NoticesAnotherMeanImage) {
  const Folder folder;
  save_model(with_mean_image(), folder / "m.safetensors");
  TensorFile file = load_tensors(folder / "m.safetensors");
  Tensor image({2, 7, 6});
  file.tensors.at("preprocessing.mean_image") = TensorView::own(image);
  save_tensors(file.tensors, file.metadata, folder / "m.safetensors");
  EXPECT_THAT(error_of(folder / "m.safetensors"), HasSubstr("do not match its digest"));
  file.tensors.erase("preprocessing.mean_image");
  save_tensors(file.tensors, file.metadata, folder / "m.safetensors");
  EXPECT_THAT(error_of(folder / "m.safetensors"), HasSubstr("do not match its digest"));
}

TEST(ModelFile, ReplacesTheFileItWasLoadedFrom) {
  const Folder folder;
  save_model(tiny(), folder / "m.safetensors");
  Model model = load_model(folder / "m.safetensors");
  const float before = model.weights.at("fc.weight").values[0];
  Tensor changed(model.weights.at("fc.weight").shape);
  model.weights.at("fc.weight") = TensorView::own(changed);
  const Model old = load_model(folder / "m.safetensors");
  save_model(model, folder / "m.safetensors");
  EXPECT_EQ(old.weights.at("fc.weight").values[0], before);
  EXPECT_EQ(load_model(folder / "m.safetensors").weights.at("fc.weight").values[0], 0.0F);
}

TEST(ModelFile, TravelsAsBytes) {
  const Folder folder;
  save_model(tiny(), folder / "m.safetensors");
  std::ostringstream out;
  save_model(tiny(), out);
  EXPECT_EQ(out.str(), Folder::read(folder / "m.safetensors"));
  const Model back = load_model(Bytes::own("answer", out.str()));
  EXPECT_EQ(back.spec, tiny().spec);
  EXPECT_TRUE(std::ranges::equal(back.weights.at("fc.weight").values, tiny().weights.at("fc.weight").values));
  EXPECT_THAT(error_text<DataError>([&] { load_model(Bytes::own("answer", out.str().substr(0, 999))); }),
              testing::StartsWith("answer: "));
}

TEST(ModelFile, TakesNamesThatAreNotUtf8) {
  const Folder folder;
  Model model = tiny();
  model.classes[0] = "caf\xe9";
  save_model(model, folder / "m.safetensors");
  EXPECT_THAT(load_model(folder / "m.safetensors").classes[0], HasSubstr("caf"));
}

TEST(ModelFile, RefusesEveryTruncation) {
  const Folder folder;
  save_model(tiny(), folder / "m.safetensors");
  const std::string good = Folder::read(folder / "m.safetensors");
  for (std::size_t length = 0; length < good.size(); ++length)
    EXPECT_THAT(error_of(folder.write("cut", good.substr(0, length))), HasSubstr("/cut: ")) << length;
  EXPECT_THAT(error_of(folder.write("longer", good + "x")), HasSubstr("bytes of tensors"));
}

/// Changes of a good model that make it a bad one, and what the error says.
TEST(ModelFile, SaysWhatIsWrongWithAModel) {
  const Folder folder;
  struct Case {
    const char* says;
    std::function<void(Model&)> spoil;
  };
  const auto with_value = [](const char* tensor, float value) {
    return [=](Model& model) {
      const TensorView& old = model.weights.at(tensor);
      Tensor changed(old.shape, {old.values.begin(), old.values.end()});
      changed.values.back() = value;
      model.weights.at(tensor) = TensorView::own(std::move(changed));
    };
  };
  const std::vector<Case> cases = {
      {"'bn.running_var' is missing", [](Model& m) { m.weights.erase("bn.running_var"); }},
      {"'fc9.bias' does not belong",
       [](Model& m) { m.weights.emplace("fc9.bias", TensorView::own(Tensor({2}))); }},
      {"'fc.weight' has shape 18x2, but the network needs 2x18",
       [](Model& m) {
         m.weights.at("fc.weight") = TensorView::own(Tensor({18, 2}));
       }},
      {"'fc.weight' holds values that are not finite", with_value("fc.weight", std::nanf(""))},
      {"'conv.bias' holds values that are not finite", with_value("conv.bias", HUGE_VALF)},
      {"'bn.running_var' holds a negative variance", with_value("bn.running_var", -0.5F)},
      {"names 3 classes, but its network has 2 outputs", [](Model& m) { m.classes.emplace_back("bird"); }},
      {"crops to 4x4, but its network expects 3x4", [](Model& m) { m.preprocessing.crop_width = 4; }},
      {"cannot resize to 0", [](Model& m) { m.preprocessing.resize = 0; }},
      {"cannot resize to 65537",
       [](Model& m) { m.preprocessing.resize = Preprocessing::kLargestResize + 1; }},
      {"1 means and 2 standard deviations for 2 channels", [](Model& m) { m.preprocessing.mean.pop_back(); }},
      {"deviations more than 0", [](Model& m) { m.preprocessing.stddev[1] = 0; }},
      {"crops to 3x4 after it has scaled to 3x3",
       [](Model& m) {
         m.preprocessing.resize = {3, 3};
       }},
      {"mean image, 2x3x3", [](Model& m) {
         m.preprocessing.mean_image = TensorView::own(Tensor({2, 3, 3}));
       }}};
  for (const Case& bad : cases) {
    Model model = tiny();
    bad.spoil(model);
    try {
      save_model(model, folder / "bad.safetensors");
      ADD_FAILURE() << "saved: " << bad.says;
    } catch (const DataError& error) {
      EXPECT_THAT(error.what(), AllOf(HasSubstr("bad.safetensors"), HasSubstr(bad.says)));
    }
    EXPECT_FALSE(std::filesystem::exists(folder / "bad.safetensors"));
  }
}

/// The same for files that others wrote: tensors and metadata as they please.
TEST(ModelFile, SaysWhatIsWrongWithAFile) {
  const Folder folder;
  save_model(tiny(), folder / "good.safetensors");
  const TensorFile good = load_tensors(folder / "good.safetensors");
  struct Case {
    const char* says;
    std::function<void(TensorFile&)> spoil;
  };
  const auto meta = [](const char* key, const std::string& value) {
    return [=](TensorFile& file) { file.metadata[key] = value; };
  };
  const std::vector<Case> cases = {
      {"contains weights but no network", [](TensorFile& f) { f.metadata.clear(); }},
      {"contains weights but no network", meta("format", "pt")},
      {"its format is 'alexnet checkpoint 1'", meta("format", "alexnet checkpoint 1")},
      {"version 2", meta("version", "2")},
      {"its metadata has no 'spec'", [](TensorFile& f) { f.metadata.erase("spec"); }},
      {"spec: is not valid JSON", meta("spec", "{")},
      {"spec: 'name' is missing", meta("spec", "{}")},
      {"spec: its network is not valid: fc: needs a flat input",
       meta("spec", R"({"name":"x","input":{"channels":1,"height":2,"width":2},)"
                    R"("layers":[{"name":"fc","kind":"dense","units":2}]})")},
      {"1 outputs",
       meta(
           "spec",
           R"({"name":"x","input":{"channels":1,"height":1,"width":1},"layers":[{"name":"f","kind":"flatten"}]})")},
      {"classes: is not a list", meta("classes", "{}")},
      {"classes: contains something other than names", meta("classes", "[1, 2]")},
      {"names 0 classes", meta("classes", "[]")},
      {"preprocessing: 'resize' is missing", meta("preprocessing", "{}")},
      {"preprocessing: 'resize' is not a whole number",
       meta("preprocessing", R"({"resize":"5","crop_width":3,"crop_height":4,"mean":[0,0],"stddev":[1,1],)"
                             R"("channel_order":"rgb"})")},
      {"'channel_order' is neither",
       meta("preprocessing", R"({"resize":5,"crop_width":3,"crop_height":4,"mean":[0,0],"stddev":[1,1],)"
                             R"("channel_order":"grb"})")},
      {"'gamma' is not a known key",
       meta("preprocessing", R"({"resize":5,"crop_width":3,"crop_height":4,"mean":[0,0],"stddev":[1,1],)"
                             R"("channel_order":"rgb","gamma":2})")},
      {"'bn.weight' is missing", [](TensorFile& f) { f.tensors.erase("bn.weight"); }},
      {"'extra' does not belong",
       [](TensorFile& f) { f.tensors.emplace("extra", TensorView::own(Tensor({1}))); }},
      {"not finite", [](TensorFile& f) {
         f.tensors.at("fc.bias") = TensorView::own({{2}, {0, std::numeric_limits<float>::infinity()}});
       }}};
  for (const Case& bad : cases) {
    TensorFile file = good;
    bad.spoil(file);
    save_tensors(file.tensors, file.metadata, folder / "bad.safetensors");
    EXPECT_THAT(error_of(folder / "bad.safetensors"),
                AllOf(HasSubstr("bad.safetensors"), HasSubstr(bad.says)));
  }
}

TEST(ModelFile, EveryBitOfItsTensorsCounts) {
  const Folder folder;
  save_model(tiny(), folder / "model.safetensors");
  const std::string whole = read_file(folder / "model.safetensors");
  std::uint64_t length = 0;
  std::memcpy(&length, whole.data(), sizeof length);
  for (std::size_t at = sizeof length + length; at < whole.size(); at += 1 + (whole.size() - at) / 40) {
    std::string broken = whole;
    broken[at] = static_cast<char>(broken[at] ^ 1);
    EXPECT_THAT(error_text<DataError>([&] { load_model(Bytes::own("broken", broken)); }),
                HasSubstr("its tensors do not match its digest"))
        << at;
  }
}

TEST(ModelFile, WithoutADigestIsTaken) {
  const Folder folder;
  save_model(tiny(), folder / "model.safetensors");
  TensorFile file = load_tensors(folder / "model.safetensors");
  EXPECT_EQ(file.metadata.at("digest").size(), 16U);
  file.metadata.erase("digest");
  std::string& preprocessing = file.metadata.at("preprocessing");
  preprocessing.replace(preprocessing.find("stddev"), std::string("stddev").size(), "deviation");
  save_tensors(file.tensors, file.metadata, folder / "old.safetensors");
  EXPECT_EQ(load_model(folder / "old.safetensors").preprocessing, tiny().preprocessing);
  EXPECT_EQ(load_model(folder / "old.safetensors").classes, tiny().classes);
  EXPECT_EQ(load_model(folder / "old.safetensors").file, (folder / "old.safetensors").string());
}

// Time that grows with the square of their number was half a minute here, and minutes with sanitizers.
TEST(ModelFile, TakesManyTensors) {
  Model model;
  model.spec = {"deep", {1, 2, 2}, {}};
  for (int i = 0; i < 9'998; ++i) model.spec.layers.push_back({"b" + std::to_string(i), BatchNorm{}});
  model.spec.layers.push_back({"flatten", Flatten{}});
  model.spec.layers.push_back({"fc", Dense{.units = 2}});
  for (const ParameterInfo& info : parameters(model.spec))
    model.weights.emplace(info.name, TensorView::own(Tensor(info.shape)));
  model.classes = {"a", "b"};
  model.preprocessing = {.resize = 2, .crop_width = 2, .crop_height = 2, .mean = {0.0F}, .stddev = {1.0F}};
  const Folder folder;
  const auto start = std::chrono::steady_clock::now();
  save_model(model, folder / "deep.safetensors");
  EXPECT_EQ(load_model(folder / "deep.safetensors").weights.size(), model.weights.size());
#ifdef ALEXNET_SANITIZED
  constexpr std::chrono::seconds kMost{60};
#else
  constexpr std::chrono::seconds kMost{15};
#endif
  EXPECT_LT(std::chrono::steady_clock::now() - start, kMost);
}

TEST(ModelFile, NeverCrashesOnDamage) {
  const Folder folder;
  save_model(tiny(), folder / "m.safetensors");
  const std::string good = Folder::read(folder / "m.safetensors");
  std::minstd_rand random(1);
  for (int round = 0; round < 2000; ++round) {
    std::string text = good;
    for (auto flips = 1 + random() % 3; flips > 0; --flips)
      text[random() % text.size()] = static_cast<char>(random() % 256);
    error_of(folder.write("damaged", text));
  }
}

}  // namespace
}  // namespace alexnet
