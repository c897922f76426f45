#include <gmock/gmock.h>

#include <random>
#include <sstream>

#include "alexnet/error.h"
#include "alexnet/model.h"
#include "tests/error_text.h"
#include "tests/formats/folder.h"

namespace alexnet {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;

std::vector<float> steps(float first, float step) {
  std::vector<float> values(12);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = first + step * static_cast<float>(i);
  return values;
}

TEST(Npy, ReadsWhatNumpyWrites) {
  struct Case {
    const char* file;
    std::vector<float> values;
  };
  const std::vector<float> floats = steps(-1.25F, 0.25F), whole = steps(-5, 1), unsigned_ones = steps(0, 3);
  const std::vector<Case> cases = {{"f2", floats},        {"f4", floats},        {"f8", floats},
                                   {"i1", whole},         {"i2", whole},         {"i4", whole},
                                   {"i8", whole},         {"u1", unsigned_ones}, {"u2", unsigned_ones},
                                   {"u4", unsigned_ones}, {"u8", unsigned_ones}, {"version2", floats},
                                   {"version3", floats}};
  for (const Case& one : cases) {
    const Tensor tensor = read_npy(golden(std::string(one.file) + ".npy"));
    EXPECT_EQ(tensor.shape, (Shape{3, 4})) << one.file;
    EXPECT_EQ(tensor.values, one.values) << one.file;
  }
}

TEST(Npy, ReadsUnusualShapes) {
  const Tensor scalar = read_npy(golden("scalar.npy"));
  EXPECT_TRUE(scalar.shape.empty());
  EXPECT_THAT(scalar.values, ElementsAre(2.5F));
  const Tensor empty = read_npy(golden("empty.npy"));
  EXPECT_EQ(empty.shape, (Shape{0, 3}));
  EXPECT_TRUE(empty.values.empty());
  EXPECT_EQ(read_npy(golden("line.npy")).shape, Shape{3});
}

TEST(Npy, WritesTheBytesNumpyWrites) {
  const Folder folder;
  for (const char* name : {"f4", "line", "scalar", "empty"}) {
    const Tensor tensor = read_npy(golden(std::string(name) + ".npy"));
    write_npy(folder / "out.npy", tensor.shape, tensor.values);
    EXPECT_EQ(Folder::read(folder / "out.npy"), Folder::read(golden(std::string(name) + ".npy"))) << name;
  }
  const std::vector<float> three(3);
  EXPECT_THROW(write_npy(folder / "bad.npy", {2, 2}, three), UsageError);
  EXPECT_FALSE(std::filesystem::exists(folder / "bad.npy"));
}

TEST(Npy, ReadsAndWritesBytes) {
  const Tensor tensor = read_npy(golden("f4.npy"));
  std::ostringstream out;
  write_npy(out, tensor.shape, tensor.values);
  EXPECT_EQ(out.str(), Folder::read(golden("f4.npy")));
  const Tensor back = read_npy(Bytes::own("answer", out.str()));
  EXPECT_EQ(back.shape, tensor.shape);
  EXPECT_EQ(back.values, tensor.values);
  EXPECT_THAT(error_text<DataError>([] { read_npy(Bytes::own("answer", "text")); }),
              testing::StartsWith("answer: is not a .npy file"));
  out.setstate(std::ios::badbit);
  EXPECT_THAT(error_text<DataError>([&] { write_npy(out, tensor.shape, tensor.values, "socket"); }),
              testing::StartsWith("socket: cannot be written"));
}

std::string error_of(const std::filesystem::path& path) {
  return error_text<DataError>([&] { read_npy(path); });
}

TEST(Npy, SaysWhatItCannotRead) {
  EXPECT_THAT(error_of(golden("big_endian.npy")),
              AllOf(HasSubstr("big_endian.npy"), HasSubstr("is big-endian")));
  EXPECT_THAT(error_of(golden("fortran.npy")), HasSubstr("Fortran order"));
  EXPECT_THAT(error_of(golden("complex.npy")), HasSubstr("'<c8'"));
  EXPECT_THAT(error_of(golden("records.npy")), HasSubstr("records"));
  EXPECT_THAT(error_of(golden("python.safetensors")), HasSubstr("not a .npy file"));
  EXPECT_THAT(error_of(golden("")), HasSubstr("folder"));
  EXPECT_THAT(error_of(golden("missing.npy")), HasSubstr("missing.npy"));
}

std::string with_header(const std::string& header) {
  std::string text("\x93NUMPY\x01\x00", 8);
  text += static_cast<char>(header.size());
  text += '\0';
  return text + header + std::string(16, '\0');
}

TEST(Npy, RefusesLyingHeaders) {
  const Folder folder;
  const auto says = [&](const std::string& header) {
    return error_of(folder.write("a.npy", with_header(header)));
  };
  EXPECT_EQ(says("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2)}"), "no error");
  EXPECT_EQ(says("{\"shape\":(4,),'fortran_order':False,'descr':'<f4',}"), "no error");
  EXPECT_THAT(says("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3)}"), HasSubstr("16 bytes"));
  EXPECT_THAT(says("{'descr': '<f4', 'fortran_order': False, 'shape': (1,)}"), HasSubstr("16 bytes"));
  for (const char* bad :
       {"", "{", "{}", "{'descr': '<f4', 'fortran_order': False}", "{'descr': '<f4', 'shape': (4,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (-4,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': 4}",
        "{'descr': '<f4', 'fortran_order': Maybe, 'shape': (4,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (4,), 'more': True}",
        "{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (4,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (4,)} x",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296)}",
        "{'descr': '<f4', 'fortran_order': False, 'shape': (4611686018427387905,)}"})
    EXPECT_THAT(says(bad), AllOf(HasSubstr("a.npy"), testing::Not("no error"))) << bad;
}

TEST(Npy, RefusesEveryTruncationAndSurvivesDamage) {
  const Folder folder;
  const std::string good = Folder::read(golden("f4.npy"));
  for (std::size_t length = 0; length < good.size(); ++length)
    EXPECT_THROW(read_npy(folder.write("cut.npy", good.substr(0, length))), DataError) << length;
  std::minstd_rand random(1);
  for (int round = 0; round < 2000; ++round) {
    std::string text = good;
    for (auto flips = 1 + random() % 3; flips > 0; --flips)
      text[random() % 80] = static_cast<char>(random() % 256);
    try {
      read_npy(folder.write("damaged.npy", text));
    } catch (const DataError&) {
    }
  }
}

}  // namespace
}  // namespace alexnet
