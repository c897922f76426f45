// Archives give what the folder that they were made of gives.
#include <archive.h>
#include <gmock/gmock.h>

#include <cstdio>
#include <random>

#include "tests/data/fixtures.h"

namespace alexnet::test {
namespace {

using testing::ElementsAre;
using testing::Pair;

struct Packing {
  const char* name;
  const char* prefix;
  int filter;
};

class Archive : public testing::TestWithParam<Packing> {};

TEST_P(Archive, EqualsTheFolder) {
  const TemporaryFolder folder;
  const std::string long_name(150, 'n');  // needs an extended header
  write_pictures(folder / "set",
                 {"train/a/1.png", "train/a-b/1.png", "train/b/x/1.png", "train/b/" + long_name + ".png",
                  "train/\xc3\xa4/1.png", "val/a/1.png", "val/a-b/1.png", "val/b/1.png",
                  "val/\xc3\xa4/.DS_Store", "val/\xc3\xa4/1.png"});
  write(folder / "set.bin", tar(members_of(folder / "set", GetParam().prefix), GetParam().filter));
  const Dataset expected = open_dataset(folder / "set");
  const Dataset data = open_dataset(folder / "set.bin");
  EXPECT_EQ(data.classes, expected.classes);
  ASSERT_EQ(data.train->size(), expected.train->size());
  ASSERT_EQ(data.validation->size(), expected.validation->size());
  const std::string wrapper = std::string(GetParam().prefix) == "pets/" ? "pets/" : "";
  for (std::size_t i = 0; i < data.train->size(); ++i) {
    EXPECT_EQ(data.train->name(i), wrapper + expected.train->name(i));
    EXPECT_EQ(data.train->label(i), expected.train->label(i));
    EXPECT_EQ(data.train->load(i, 1).pixels, expected.train->load(i, 1).pixels) << i;
  }
}

INSTANTIATE_TEST_SUITE_P(Packings, Archive,
                         testing::Values(Packing{"plain", "", ARCHIVE_FILTER_NONE},
                                         Packing{"plain_dot", "./", ARCHIVE_FILTER_NONE},
                                         Packing{"plain_wrapped", "pets/", ARCHIVE_FILTER_NONE},
                                         Packing{"gzip", "./", ARCHIVE_FILTER_GZIP},
                                         Packing{"gzip_wrapped", "pets/", ARCHIVE_FILTER_GZIP},
                                         Packing{"bzip2", "", ARCHIVE_FILTER_BZIP2},
                                         Packing{"xz", "", ARCHIVE_FILTER_XZ},
                                         Packing{"zstd", "", ARCHIVE_FILTER_ZSTD}),
                         [](const auto& packing) { return packing.param.name; });

TEST(ArchiveMembers, LinksAndOtherThings) {
  const TemporaryFolder folder;
  write(folder / "x.tar", tar({{"a/1.png", png(4, 4, 7)},
                               {"b/2.png", "-> ../a/1.png"},
                               {"b/3.png", "-> ../../out.png"},
                               {"b/4.png", "-> 4.png"},
                               {"../c/5.png", png(4, 4, 8)},
                               {"a/1.png", png(4, 4, 9)}}));
  const Dataset data = open_dataset(folder / "x.tar");
  EXPECT_THAT(listing(*data.train),
              ElementsAre(Pair("a/1.png", 0), Pair("b/2.png", 1), Pair("b/3.png", 1), Pair("b/4.png", 1)));
  EXPECT_EQ(data.train->load(0, 1).pixels.front(), 9);  // the later one counts, as when unpacking
  EXPECT_EQ(data.train->load(1, 1).pixels.front(), 9);
  EXPECT_THROW(data.train->load(2, 1), DataError);
  EXPECT_THROW(data.train->load(3, 1), DataError);
}

TEST(ArchiveErrors, DamagedAndUnusable) {
  const TemporaryFolder folder;
  std::vector<Member> members;  // more, even packed, than is read ahead
  std::minstd_rand noise;
  for (int i = 0; i < 40; ++i) {
    std::string content(10'000, '\0');
    for (char& c : content) c = static_cast<char>(noise() >> 8);
    members.push_back({(i % 2 ? "a/" : "b/") + std::to_string(i) + ".png", content});
  }
  const std::string plain = tar(members), packed = tar(members, ARCHIVE_FILTER_GZIP);
  const auto open = [&](const std::string& bytes) {
    write(folder / "x.tar", bytes);
    return [&folder] { open_dataset(folder / "x.tar"); };
  };
  expect_error<DataError>(open(plain.substr(0, plain.size() / 2 + 100)), {"x.tar", "damaged or truncated"});
  expect_error<DataError>(open(packed.substr(0, packed.size() / 2)), {"x.tar", "damaged or truncated"});
  expect_error<DataError>(open(packed.substr(0, 100)), {"x.tar", "is not a data set", "truncated"});
  expect_error<DataError>(open(gzip("no archive")), {"x.tar", "is not a data set"});
  expect_error<DataError>(open(tar({})), {"x.tar", "is empty"});
  expect_error<DataError>(open(tar({{"1.png", "x"}})), {"x.tar", "no folders named after classes"});
  expect_error<DataError>(open(tar({{"a/1.png", "x"}})), {"x.tar", "a single class (a)"});
  expect_error<DataError>(open(tar({{"a/1.png", "x"}, {"b/", ""}})), {"x.tar", "classes without images: b"});
}

TEST(ArchiveErrors, APackedArchiveThatNeedsTooMuchMemory) {
  // The first header says that its file has 2^56 bytes.
  std::string bytes = tar({{"a/1.png", png(4, 4, 1)}, {"b/1.png", png(4, 4, 2)}});
  bytes.replace(124, 12, std::string("\x80\0\0\0\1\0\0\0\0\0\0\0", 12));
  bytes.replace(148, 8, 8, ' ');  // the sum is taken over blanks in its own place
  unsigned sum = 0;
  for (const char c : bytes.substr(0, 512)) sum += static_cast<unsigned char>(c);
  char digits[8];
  std::snprintf(digits, sizeof(digits), "%06o", sum);
  bytes.replace(148, 7, digits, 7);
  const TemporaryFolder folder;
  write(folder / "x.tar", gzip(bytes));
  expect_error<DataError>([&] { open_dataset(folder / "x.tar"); }, {"x.tar", "kept in memory", "unpack it"});
}

}  // namespace
}  // namespace alexnet::test
