// Files of torch.save, and the tensors that torch itself reads from them (tools/make_pytorch_goldens.py).
#include <gmock/gmock.h>

#include <algorithm>

#include "alexnet/error.h"
#include "alexnet/model.h"
#include "tests/error_text.h"
#include "tests/formats/folder.h"
#include "tests/formats/torch_file.h"

namespace alexnet {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Key;
using testing::Pair;
using testing::SizeIs;

StoredWeights read(const std::string& name) { return load_weights(golden("pytorch/" + name)); }

std::vector<std::uint32_t> bits(std::span<const float> values) {
  std::vector<std::uint32_t> result;
  for (const float value : values) result.push_back(std::bit_cast<std::uint32_t>(value));
  return result;
}

void expect_tensors(const NamedTensors& tensors, const std::string& expected_file) {
  const NamedTensors expected = load_tensors(golden("pytorch/" + expected_file)).tensors;
  EXPECT_THAT(tensors, SizeIs(expected.size()));
  for (const auto& [name, tensor] : expected) {
    ASSERT_THAT(tensors, Contains(Key(name)));
    EXPECT_EQ(tensors.at(name).shape, tensor.shape) << name;
    EXPECT_EQ(bits(tensors.at(name).values), bits(tensor.values)) << name;
  }
}

class Containers : public testing::TestWithParam<const char*> {};

TEST_P(Containers, HoldTensorsOfAllTypesAndViews) {
  const StoredWeights stored = read(GetParam());
  expect_tensors(stored.weights, "containers.safetensors");
  EXPECT_EQ(stored.origin.format, "PyTorch");
  EXPECT_FALSE(stored.spec);
  EXPECT_THAT(stored.origin.ignored, IsEmpty());
}

TEST_P(Containers, AreRefusedWhenCutShort) {
  const std::string whole = Folder::read(golden(std::string("pytorch/") + GetParam()));
  // A tar archive ends in zeros that nobody misses.
  const std::size_t content = whole.find_last_not_of('\0') + 1;
  for (std::size_t length = 0; length < content; ++length)
    EXPECT_THROW(load_weights(Bytes::own("cut.pt", whole.substr(0, length))), DataError) << length;
}

TEST_P(Containers, NeverCrashWhenOneByteIsWrong) {
  std::string bytes = Folder::read(golden(std::string("pytorch/") + GetParam()));
  std::size_t refused = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i)
    for (const int change : {0xff, 0x01}) {
      bytes[i] = static_cast<char>(bytes[i] ^ change);
      try {
        for (const auto& [name, tensor] : load_weights(Bytes::own("wrong.pt", bytes)).weights)
          ASSERT_EQ(static_cast<std::int64_t>(tensor.values.size()), element_count(tensor.shape));
      } catch (const DataError&) {
        ++refused;
      }
      bytes[i] = static_cast<char>(bytes[i] ^ change);
    }
  EXPECT_GT(refused, 100U);
}

INSTANTIATE_TEST_SUITE_P(All, Containers,
                         testing::Values("zip.pt", "zip_protocol_4.pt", "legacy.pt", "tar.pt"),
                         [](const auto& container) {
                           const std::string name = container.param;
                           return name.substr(0, name.find('.'));
                         });

TEST(Pytorch, DenseFloatsAreSeenWhereTheyLie) {
  const Bytes file = Bytes::map(golden("pytorch/zip.pt"));
  const NamedTensors tensors = load_weights(file).weights;
  const auto inside = [&](const char* name) {
    const auto* values = reinterpret_cast<const std::byte*>(tensors.at(name).values.data());
    return values >= file.data.data() && values < file.data.data() + file.data.size();
  };
  EXPECT_TRUE(inside("f32"));
  EXPECT_TRUE(inside("grid"));
  EXPECT_FALSE(inside("transposed"));
  EXPECT_FALSE(inside("f16"));
}

TEST(Pytorch, FindsTheStateDictOfACheckpoint) {
  const StoredWeights stored = read("checkpoint.pt");
  expect_tensors(stored.weights, "network.safetensors");
  EXPECT_EQ(stored.origin.sources.at("0.weight").name, "state_dict.module.0.weight");
  EXPECT_EQ(stored.origin.sources.at("0.weight").shape, Shape({2, 1, 3, 3}));
  EXPECT_THAT(stored.origin.ignored,
              Contains(Pair("optimizer.state.0.exp_avg", "is not part of 'state_dict'")));
  EXPECT_EQ(stored.origin.version, "zip archive of version 3");
}

TEST(Pytorch, ReadsTheTensorsOfTorchScript) {
  const StoredWeights stored = read("script.pt");
  expect_tensors(stored.weights, "network.safetensors");
  EXPECT_EQ(stored.origin.producer, "PyTorch (TorchScript)");
  EXPECT_THAT(error_text<DataError>([] { load_model(golden("pytorch/script.pt")); }),
              HasSubstr("contains weights but no network"));
}

TEST(Pytorch, ReadsParametersAndSingleTensors) {
  EXPECT_THAT(read("parameters.pt").weights, SizeIs(6));
  const StoredWeights tensor = read("tensor.pt");
  ASSERT_THAT(tensor.weights, ElementsAre(Key("tensor")));
  EXPECT_THAT(tensor.weights.at("tensor").values, ElementsAre(0, 1, 2));
}

TEST(Pytorch, RefusesWholeModulesByName) {
  EXPECT_THAT(
      error_text<DataError>([] { read("module.pt"); }),
      AllOf(HasSubstr("module.pt: contains 'torch.nn.modules.container.Sequential', which is no tensor"),
            HasSubstr("torch.save(model.state_dict(), FILE)")));
  EXPECT_THAT(error_text<DataError>([] { read("export.pt2"); }), HasSubstr("is an archive of torch.export"));
  EXPECT_THAT(error_text<DataError>([] { load_weights(Bytes::own("x.pth", "\x80\x04N.")); }),
              HasSubstr("is a pickle that torch.save did not write"));
}

TEST(Pytorch, DropsTheNamesOfWrappersUnlessTheyTellTensorsApart) {
  const auto names_of = [](const std::string& first, const std::string& second) {
    const std::string tensor = PickledTensor{4, 0, {4}, {1}}.text();
    const std::string dict = "}(" + pickled(first) + tensor + pickled(second) + tensor + "u";
    std::vector<std::string> names;
    for (const auto& [name, view] : load_weights(Bytes::own("x", torch_file(dict))).weights)
      names.push_back(name);
    return names;
  };
  EXPECT_THAT(names_of("module.a.w", "features.module.0"), ElementsAre("a.w", "features.0"));
  EXPECT_THAT(names_of("_orig_mod.a", "b"), ElementsAre("a", "b"));
  EXPECT_THAT(names_of("module.a", "a"), ElementsAre("a", "module.a"));
}

}  // namespace
}  // namespace alexnet
