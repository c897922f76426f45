#include "formats/safetensors/safetensors.h"

#include <gmock/gmock.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <random>
#include <sstream>
#include <utility>

#include "alexnet/error.h"
#include "alexnet/model.h"
#include "tensor/finite.h"
#include "tests/error_text.h"
#include "tests/formats/folder.h"

namespace alexnet {
namespace {

using testing::AllOf;
using testing::HasSubstr;

std::vector<std::uint32_t> bits(std::span<const float> values) {
  std::vector<std::uint32_t> result;
  for (const float value : values) result.push_back(std::bit_cast<std::uint32_t>(value));
  return result;
}

TEST(Safetensors, ReadsWhatPythonWrites) {
  const TensorFile file = load_tensors(golden("python.safetensors"));
  EXPECT_EQ(file.metadata,
            (std::map<std::string, std::string>{{"made by", "the safetensors package"}, {"ünï", "☃"}}));
  EXPECT_EQ(file.tensors.size(), 9U);
  for (const auto& [name, tensor] : file.tensors) {
    const Tensor expected = read_npy(golden("python." + name + ".npy"));
    EXPECT_EQ(tensor.shape, expected.shape) << name;
    EXPECT_EQ(bits(tensor.values), bits(expected.values)) << name;
  }
}

NamedTensors some_tensors() {
  NamedTensors tensors;
  tensors.emplace("b.weight", TensorView::own({{2, 3}, {1, 2, 3, 4, 5, 6.5F}}));
  tensors.emplace("a.bias", TensorView::own({{1}, {-0.0F}}));
  tensors.emplace("none", TensorView::own(Tensor({0, 7})));
  tensors.emplace("scalar", TensorView::own({{}, {9}}));
  return tensors;
}

TEST(Safetensors, WritesWhatItReads) {
  const Folder folder;
  const std::map<std::string, std::string> metadata = {{"k\"ey", "va\nlue"}, {"empty", ""}};
  save_tensors(some_tensors(), metadata, folder / "a.safetensors");
  const TensorFile file = load_tensors(folder / "a.safetensors");
  EXPECT_EQ(file.metadata, metadata);
  ASSERT_EQ(file.tensors.size(), 4U);
  for (const auto& [name, tensor] : some_tensors()) {
    EXPECT_EQ(file.tensors.at(name).shape, tensor.shape);
    EXPECT_EQ(bits(file.tensors.at(name).values), bits(tensor.values));
  }
  // The first tensor of the file (by name) starts at a multiple of 64 bytes of a mapping, hence of memory.
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(file.tensors.at("a.bias").values.data()) % 64, 0U);

  save_tensors(file.tensors, file.metadata, folder / "b.safetensors");
  EXPECT_EQ(Folder::read(folder / "a.safetensors"), Folder::read(folder / "b.safetensors"));
  save_tensors({}, {}, folder / "nothing.safetensors");
  EXPECT_TRUE(load_tensors(folder / "nothing.safetensors").tensors.empty());
}

TEST(Safetensors, LeavesTheOldFileWhenItCannotWrite) {
  EXPECT_THROW(save_tensors(some_tensors(), {}, "/nonexistent/folder/a.safetensors"), DataError);
}

TEST(Safetensors, ViewsOutliveTheFile) {
  const Folder folder;
  save_tensors(some_tensors(), {}, folder / "a.safetensors");
  const TensorView kept = load_tensors(folder / "a.safetensors").tensors.at("b.weight");
  std::filesystem::remove(folder / "a.safetensors");
  EXPECT_EQ(kept.values[5], 6.5F);
}

TEST(Safetensors, ReadsAndWritesBytes) {
  std::ostringstream out;
  save_tensors(some_tensors(), {{"key", "value"}}, out, "answer");
  TensorView kept;
  {
    const Bytes bytes = Bytes::own("answer", out.str());
    kept = load_tensors(bytes).tensors.at("b.weight");
    // Used as it lies, without a copy.
    EXPECT_GE(reinterpret_cast<const std::byte*>(kept.values.data()), bytes.data.data());
    EXPECT_LT(reinterpret_cast<const std::byte*>(kept.values.data()), bytes.data.data() + bytes.data.size());
  }
  EXPECT_EQ(kept.values[5], 6.5F);
  // Where values are not aligned, they are copied.
  const Bytes shifted = Bytes::own("answer", " " + out.str());
  const TensorFile file = load_tensors(Bytes{"answer", shifted.data.subspan(1), shifted.keep});
  EXPECT_EQ(bits(file.tensors.at("b.weight").values), bits(kept.values));
  out.setstate(std::ios::badbit);
  EXPECT_THAT(error_text<DataError>([&] { save_tensors({}, {}, out, "socket"); }),
              testing::StartsWith("socket: cannot be written"));
}

std::string file_of(const std::string& header, std::size_t data_bytes) {
  const std::uint64_t length = header.size();
  std::string bytes(sizeof length, '\0');
  std::memcpy(bytes.data(), &length, sizeof length);
  return bytes + header + std::string(data_bytes, '\0');
}

std::string error_of(const std::filesystem::path& path) {
  return error_text<DataError>([&] { load_tensors(path); });
}

TEST(Safetensors, ChecksTheRulesOfTheFormat) {
  const Folder folder;
  const auto says = [&](const std::string& header, std::size_t data_bytes) {
    return error_of(folder.write("bad.safetensors", file_of(header, data_bytes)));
  };
  const std::string a = R"("a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]})";
  EXPECT_EQ(says("{" + a + "}", 8), "no error");
  EXPECT_EQ(says("{" + a + "}   ", 8), "no error");  // padded
  EXPECT_EQ(says(" {" + a + "}", 8), (folder / "bad.safetensors").string() + ": is not a safetensors file");
  struct Case {
    std::string header;
    std::size_t data_bytes;
    const char* says;
  };
  const auto one = [](const std::string& fields) { return "{\"a\":{" + fields + "}}"; };
  const std::vector<Case> cases = {
      {"{" + a + "}", 7, "contains 7 bytes of tensors"},
      {"{" + a + "}", 9, "contains 9 bytes of tensors"},
      {"{" + a, 8, "JSON"},
      {"{" + a + "," + a + "}", 8, "'a' appears twice"},
      {"{" + a + R"(,"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})", 8, "'b' overlaps another"},
      {"{" + a + R"(,"b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", 8, "overlaps another"},
      {"{" + a + R"(,"b":{"dtype":"F32","shape":[1],"data_offsets":[12,16]}})", 16, "leaves a gap"},
      {R"({"a":3})", 0, "'a' is not an object"},
      {one(R"("shape":[2],"data_offsets":[0,8])"), 8, "'a.dtype' is missing"},
      {one(R"("dtype":"F32","data_offsets":[0,8])"), 8, "'a.shape' is missing"},
      {one(R"("dtype":"F32","shape":[2])"), 8, "'a.data_offsets' is missing"},
      {one(R"("dtype":"F8_E4M3","shape":[8],"data_offsets":[0,8])"), 8, "'F8_E4M3' cannot be read"},
      {one(R"("dtype":4,"shape":[2],"data_offsets":[0,8])"), 8, "'a.dtype' is not a text"},
      {one(R"("dtype":"F32","shape":2,"data_offsets":[0,8])"), 8, "'a.shape' is not a list"},
      {one(R"("dtype":"F32","shape":[-2],"data_offsets":[0,8])"), 8, "'a.shape' contains something other"},
      {one(R"("dtype":"F32","shape":[2.0],"data_offsets":[0,8])"), 8, "'a.shape' contains something other"},
      {one(R"("dtype":"F32","shape":[3],"data_offsets":[0,8])"), 8, "shape 3"},
      {one(R"("dtype":"F64","shape":[2],"data_offsets":[0,8])"), 8, "span 8 bytes"},
      {one(R"("dtype":"F32","shape":[2],"data_offsets":[8,0])"), 8, "not a range"},
      {one(R"("dtype":"F32","shape":[2],"data_offsets":[0,8,8])"), 8, "not a range"},
      {one(R"("dtype":"F32","shape":[2],"data_offsets":[0])"), 8, "not a range"},
      {one(R"("dtype":"F32","shape":[2],"data_offsets":[0,8],"more":1)"), 8, "'a.more' is not a known key"},
      {one(R"("dtype":"F32","shape":[2],"data_offsets":[4,12])"), 12, "leaves a gap"},
      // Products that wrap around to 8 bytes, or to 0.
      {one(R"("dtype":"F32","shape":[4611686018427387906],"data_offsets":[0,8])"), 8, "span 8 bytes"},
      {one(R"("dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,0])"), 0, "span 0 bytes"},
      {one(R"("dtype":"F32","shape":[18446744073709551615],"data_offsets":[0,8])"), 8, "span 8 bytes"},
      {one(R"("dtype":"F32","shape":[2],"data_offsets":[18446744073709551608,18446744073709551616])"), 8,
       "whole"},
      {one(R"("dtype":"F32","shape":[2],"data_offsets":[18446744073709551600,18446744073709551608])"), 8,
       "gap"},
      {R"({"__metadata__":{"k":1}})", 0, "'__metadata__.k' is not a text"},
      {R"({"__metadata__":[]})", 0, "'__metadata__' is not an object"},
      {"{\"\xff\":{}}", 0, "JSON"},
      {"{\"a\":" + std::string(100'000, '[') + std::string(100'000, ']') + "}", 0, "'a' is not an object"}};
  for (const Case& bad : cases)
    EXPECT_THAT(says(bad.header, bad.data_bytes), AllOf(HasSubstr("bad.safetensors"), HasSubstr(bad.says)))
        << bad.header.substr(0, 200);
}

TEST(Safetensors, RefusesWhatIsNoSuchFile) {
  const Folder folder;
  EXPECT_THAT(error_of(folder.write("text", "Dear reader, this is a letter.")),
              HasSubstr("not a safetensors"));
  EXPECT_THAT(error_of(folder.write("empty", "")), HasSubstr("empty"));
  EXPECT_THAT(error_of(folder.write("short", "1234")), HasSubstr("too short"));
  EXPECT_THAT(error_of(folder / "missing"), HasSubstr("missing"));
  std::string huge = file_of("{}", 0);
  huge[7] = '\x7f';  // a header of 2^62 bytes and more
  EXPECT_THAT(error_of(folder.write("huge", huge)), HasSubstr("not a safetensors"));
  std::string beyond = file_of("{}", 0);
  beyond[1] = 1;
  EXPECT_THAT(error_of(folder.write("beyond", beyond)), HasSubstr("ends inside its header"));
}

TEST(Safetensors, NeverCrashesOnDamage) {
  const Folder folder;
  save_tensors(some_tensors(), {{"key", "value"}}, folder / "good");
  const std::string good = Folder::read(folder / "good");
  const std::size_t header = good.size() - 32;
  std::minstd_rand random(1);
  for (int round = 0; round < 2000; ++round) {
    std::string text = good;
    for (auto flips = 1 + random() % 3; flips > 0; --flips)
      text[random() % header] = static_cast<char>(random() % 256);
    try {
      for (const auto& [name, tensor] : load_tensors(folder.write("damaged", text)).tensors)
        all_finite(tensor.values);
    } catch (const DataError&) {
    }
  }
}

TEST(AllFinite, FindsEachPlace) {
  std::vector<float> values(100'003, -3.4e38F);
  values[5] = 1e-45F;
  EXPECT_TRUE(all_finite(values));
  EXPECT_TRUE(all_finite({}));
  for (const std::size_t place : {std::size_t{0}, std::size_t{4095}, std::size_t{65'536}, values.size() - 1})
    for (const float bad : {HUGE_VALF, -HUGE_VALF, std::nanf(""), -std::nanf("1")}) {
      const float before = std::exchange(values[place], bad);
      EXPECT_FALSE(all_finite(values)) << place << " " << bad;
      values[place] = before;
    }
}

}  // namespace
}  // namespace alexnet
