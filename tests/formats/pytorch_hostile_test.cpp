// Files that are made to do harm: one line, little memory, no time, and nothing that they name is run.
#include <gmock/gmock.h>
#include <sys/resource.h>

#include <chrono>

#include "alexnet/error.h"
#include "alexnet/model.h"
#include "tests/error_text.h"
#include "tests/formats/folder.h"
#include "tests/formats/torch_file.h"

namespace alexnet {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

std::string says(const std::string& file) {
  return error_text<DataError>([&] { load_weights(Bytes::own("bad.pt", file)); });
}
std::string pickle_says(const std::string& pickle) { return says(torch_file(pickle)); }

TEST(HostilePickle, NamesOfFunctionsAreRefused) {
  for (const std::string call :
       {"cos\nsystem\n", "cposix\nsystem\n", "cbuiltins\neval\n", "c__builtin__\ngetattr\n", "ctorch\nload\n",
        "ctorch._utils\n_rebuild_tensor_v9\n", "cnumpy\nndarray\n"})
    EXPECT_THAT(pickle_says(call + "(" + pickled("id") + "tR"),
                HasSubstr("which is no tensor: nothing of it is run"))
        << call;
  EXPECT_THAT(pickle_says("cos\nsystem\n"), HasSubstr("bad.pt: contains 'os.system'"));
  EXPECT_THAT(pickle_says(pickled("os") + pickled("system") + "\x93"),
              HasSubstr("'os.system'"));  // STACK_GLOBAL
  EXPECT_THAT(pickle_says("c" + std::string(5000, 'x') + "\ny\n").size(), testing::Lt(300U));
}

TEST(HostilePickle, CallsOfAnythingElseAreRefused) {
  EXPECT_THAT(pickle_says("ctorch\nFloatStorage\n)R"), HasSubstr("calls something other than the functions"));
  EXPECT_THAT(pickle_says("c__torch__\nNet\n)R"), HasSubstr("calls something other"));
  EXPECT_THAT(pickle_says(pickled("text") + ")R"), HasSubstr("calls something other"));
  EXPECT_THAT(pickle_says("ccollections\nOrderedDict\nNR"), HasSubstr("calls something other"));
  EXPECT_THAT(pickle_says("ccollections\nOrderedDict\n)\x81"), HasSubstr("an object of a class"));  // NEWOBJ
  EXPECT_THAT(pickle_says("ccollections\nOrderedDict\n}b"), HasSubstr("sets the state"));
  EXPECT_THAT(pickle_says("ctorch._utils\n_rebuild_tensor_v2\n)R"),
              HasSubstr("in a way that PyTorch does not"));
}

TEST(HostilePickle, OpcodesThatTensorsDoNotNeedAreRefused) {
  const std::pair<std::string, const char*> cases[] = {
      {"(ios\nsystem\n", "INST"}, {"(cos\nsystem\no", "'os.system'"},
      {"Pid\n", "PERSID"},        {"\x82\x01", "EXT1"},
      {"\x83\x01\x02", "EXT2"},   {"\x84\x01\x02\x03\x04", "EXT4"},
      {"\x92", "NEWOBJ_EX"},      {"\xff", "the byte ff"}};
  for (const auto& [pickle, expected] : cases) EXPECT_THAT(pickle_says(pickle), HasSubstr(expected));
}

TEST(HostilePickle, StackAndMemoAreChecked) {
  for (const std::string pickle :
       {"", "t", "a", "]a", "u", "}s", "0", "2", "1", "R", "b", "Q", "(R", "Na", "(Nu"})
    EXPECT_THAT(pickle_says(pickle), AllOf(HasSubstr("bad.pt: "), Not(HasSubstr("no tensors")))) << pickle;
  EXPECT_THAT(pickle_says("h\x05"), HasSubstr("refers to an object that is not there"));
  EXPECT_THAT(pickle_says("X\xff\xff\xff\x7fx"), HasSubstr("ends inside an object"));
  EXPECT_THAT(pickle_says("cos"), HasSubstr("ends inside a name"));
  EXPECT_THAT(pickle_says("}"), HasSubstr("contains no tensors"));
}

/// What reading costs: seconds, and by how much the memory of the process grows.
class HostileSize : public testing::Test {
 protected:
  std::string refusal(const std::string& file) {
    const std::int64_t before = peak_kilobytes();
    const auto start = std::chrono::steady_clock::now();
    std::string text = says(file);
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
    if (!kSanitized) {
      EXPECT_LT(peak_kilobytes() - before, kMostKilobytes);
    }
    return text;
  }
  std::string refusal_of(const PickledTensor& tensor, std::size_t storage = 16) {
    std::string file = torch_file(tensor.text(), std::string(storage, '\0'));
    EXPECT_LT(file.size(), 1000U);
    return refusal(file);
  }

 private:
#ifdef ALEXNET_SANITIZED  // keeps what was freed
  static constexpr bool kSanitized = true;
#else
  static constexpr bool kSanitized = false;
#endif
  static constexpr std::int64_t kMostKilobytes = 100'000;
  static std::int64_t peak_kilobytes() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
  }
};

TEST_F(HostileSize, StoragesMayNotBeLargerThanTheirBytes) {
  constexpr std::int64_t kMany = 2'500'000'000, kHuge = std::int64_t{1} << 62;
  EXPECT_THAT(refusal_of({kMany, 0, {kMany}, {1}}),
              HasSubstr("is a view of 2500000000 values, of which 4 are there"));
  EXPECT_THAT(refusal_of({-1, 0, {1}, {1}}), HasSubstr("of which 4 are there"));
  EXPECT_THAT(refusal_of({4, 0, {kMany}, {1}}), HasSubstr("reaches beyond its 4 values"));
  EXPECT_THAT(refusal_of({4, 3, {2}, {1}}), HasSubstr("reaches beyond"));
  EXPECT_THAT(refusal_of({4, -1, {2}, {1}}), HasSubstr("reaches beyond"));
  EXPECT_THAT(refusal_of({4, kHuge, {kHuge, 4}, {kHuge, 1}}), HasSubstr("reaches beyond"));
  EXPECT_THAT(refusal_of({4, 0, {-2}, {1}}), HasSubstr("reaches beyond"));
  EXPECT_THAT(refusal_of({4, 1, {2}, {-1}}), HasSubstr("reaches beyond"));
  EXPECT_THAT(refusal_of({4, 0, {2, 2}, {1}}), HasSubstr("reaches beyond"));
}

TEST_F(HostileSize, ViewsMayNotRepeatValuesWithoutEnd) {
  EXPECT_THAT(refusal_of({4, 0, {2'500'000'000}, {0}}), HasSubstr("repeats its values so often"));
  // Each is small enough, together they are not.
  std::string pickle = "(";
  for (int i = 0; i < 2000; ++i) pickle += PickledTensor{4, 0, {100'000}, {0}}.text();
  EXPECT_THAT(refusal(torch_file(pickle + "l")), HasSubstr("repeats its values so often"));
}

TEST_F(HostileSize, ObjectsMayNotBeTooManyOrTooDeep) {
  EXPECT_THAT(refusal(torch_file(std::string(1'500'000, 'N'))), HasSubstr("too many objects at once"));
  EXPECT_THAT(refusal(torch_file(std::string(1'500'000, '('))), HasSubstr("too many objects at once"));
  std::string nothing;
  for (int i = 0; i < 2'100'000; ++i) nothing += "N0";
  EXPECT_THAT(refusal(torch_file(nothing)), HasSubstr("more than 4000000 opcodes"));
  const std::string deep = std::string(500'000, ']') + std::string(499'999, 'a');
  EXPECT_THAT(refusal(torch_file(deep)), HasSubstr("nests its objects too deeply"));
  EXPECT_THAT(refusal(torch_file("]2a")),
              HasSubstr("nests its objects too deeply"));  // a list that contains itself
  // Sixty lists, each with the one before it twice.
  std::string doubling = PickledTensor{4, 0, {4}, {1}}.text();
  for (int i = 0; i < 60; ++i) doubling += "2\x86";
  EXPECT_THAT(refusal(torch_file(doubling)), HasSubstr("or has too many"));
}

TEST_F(HostileSize, LegacyStoragesMayNotBeLargerThanTheFile) {
  std::string file = Folder::read(golden("pytorch/legacy.pt"));
  const std::string count = little_endian(10, 8);  // of the first storage
  const std::size_t at = file.find(count);
  ASSERT_NE(at, std::string::npos);
  file.replace(at, count.size(), little_endian(2'500'000'000, 8));
  EXPECT_THAT(refusal(file), HasSubstr("declares a storage of 2500000000 values, but ends before"));
}

class HostileZip : public testing::Test {
 protected:
  ZipPart pickle_{"net/data.pkl", "\x80\x02" + PickledTensor{4, 0, {4}, {1}}.text() + "."};
  ZipPart storage_{"net/data/0", std::string(16, '\0')};
  std::string problem() { return says(zip_file({pickle_, storage_})); }
};

TEST_F(HostileZip, IsReadWhenAllIsRight) { EXPECT_EQ(problem(), "no error"); }

TEST_F(HostileZip, DirectoryAndEntriesMayNotContradictEachOther) {
  constexpr const char* kContradiction = "its directory and its entry 'net/data/0' contradict each other";
  storage_.local_name = "net/data/1";
  EXPECT_THAT(problem(), HasSubstr(kContradiction));
  storage_.local_name = storage_.name;
  storage_.local_size = 8;
  EXPECT_THAT(problem(), HasSubstr(kContradiction));
  storage_.local_size = storage_.size = 1 << 20;
  EXPECT_THAT(problem(), HasSubstr("points to what is not there"));
  storage_.local_size = storage_.size = 0xffffffff;
  EXPECT_THAT(problem(), HasSubstr("points to what is not there"));
  storage_.local_size = storage_.size = 16;
  storage_.shift = 1;
  EXPECT_THAT(problem(), HasSubstr("points to what is not there"));
}

TEST_F(HostileZip, EntriesMayNotBePackedOverlapOrComeTwice) {
  storage_.method = 8;
  EXPECT_THAT(problem(), HasSubstr("its entry 'net/data/0' is compressed"));
  storage_.method = 0;
  storage_.flags = 1;
  EXPECT_THAT(problem(), HasSubstr("is encrypted"));
  storage_.flags = 0;
  EXPECT_THAT(says(zip_file({pickle_, storage_, storage_})), HasSubstr("has two entries 'net/data/0'"));
  // One entry inside the content of another: the trick of zip bombs.
  const std::string inner = zip_file({storage_});
  const std::size_t header = inner.find("PK\x01\x02");
  ZipPart outer{"net/data/1", inner.substr(0, header)};
  storage_.shift = -static_cast<std::int64_t>(header);
  EXPECT_THAT(says(zip_file({pickle_, outer, storage_})), HasSubstr("overlaps another"));
}

}  // namespace
}  // namespace alexnet
