// Archives give what the folder that they were made of gives.
#include <archive.h>
#include <gmock/gmock.h>
#include <sys/resource.h>

#include <cstdio>
#include <random>

#include "tests/data/fixtures.h"

namespace alexnet::test {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

enum { kZip = -1, kStoredZip = -2 };

struct Packing {
  const char* name;
  const char* prefix;
  int filter;  // of tar, or one of the above
};

std::string pack(const std::vector<Member>& members, int filter) {
  return filter >= 0 ? tar(members, filter) : zip(members, filter == kZip);
}

class Archive : public testing::TestWithParam<Packing> {};

TEST_P(Archive, EqualsTheFolder) {
  const TemporaryFolder folder;
  const std::string long_name(150, 'n');  // needs an extended header
  write_images(folder / "set",
               {"train/a/1.png", "train/a-b/1.png", "train/b/x/1.png", "train/b/" + long_name + ".png",
                "train/\xc3\xa4/1.png", "val/a/1.png", "val/a-b/1.png", "val/b/1.png",
                "val/\xc3\xa4/.DS_Store", "val/\xc3\xa4/1.png"});
  write(folder / "set.bin", pack(members_of(folder / "set", GetParam().prefix), GetParam().filter));
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
                                         Packing{"zstd", "", ARCHIVE_FILTER_ZSTD}, Packing{"zip", "", kZip},
                                         Packing{"zip_wrapped", "pets/", kZip},
                                         Packing{"zip_stored", "./", kStoredZip}),
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
  EXPECT_THAT(listing(*data.train), ElementsAre(Pair("a/1.png", 0), Pair("b/2.png", 1)));
  EXPECT_EQ(data.train->load(0, 1).pixels.front(), 9);  // the later one counts, as when unpacking
  EXPECT_EQ(data.train->load(1, 1).pixels.front(), 9);
  EXPECT_THAT(data.notes, ElementsAre(HasSubstr("2 links to nothing")));
}

TEST(ArchiveMembers, OnlyImagesAreKept) {
  const TemporaryFolder folder;
  for (const bool packed : {false, true}) {
    write(folder / "x", pack({{"a/1.png", png(4, 4, 7)},
                              {"a/1.png.json", "{}"},
                              {"a/.DS_Store", "x"},
                              {"__MACOSX/a/._1.png", "x"},
                              {"b/no_ending", png(4, 4, 8)},
                              {"b/film.mov", std::string(100'000, 'x')}},
                             packed ? ARCHIVE_FILTER_GZIP : kZip));
    const Dataset data = open_dataset(folder / "x");
    EXPECT_THAT(listing(*data.train), ElementsAre(Pair("a/1.png", 0), Pair("b/no_ending", 1)));
    EXPECT_EQ(data.train->load(1, 1).pixels.front(), 8);
    EXPECT_THAT(data.notes,
                ElementsAre(AllOf(HasSubstr("2 files that are no images"), HasSubstr("2 hidden"))));
  }
}

TEST(ArchiveMembers, NamesInZipFilesThatSayTheyAreUtf8) {
  std::string bytes = zip({{"\xc3\xa4/1.png", png(4, 4, 7)}, {"b/2.png", png(4, 4, 8)}});
  for (const auto& [header, flags] : {std::pair("PK\3\4", 6), {"PK\1\2", 8}})
    for (std::size_t at = 0; (at = bytes.find(header, at)) != std::string::npos; ++at)
      bytes[at + static_cast<std::size_t>(flags) + 1] |= 8;
  const TemporaryFolder folder;
  write(folder / "x.zip", bytes);
  EXPECT_THAT(open_dataset(folder / "x.zip").classes, ElementsAre("b", "\xc3\xa4"));
}

TEST(ArchiveErrors, EncryptedZip) {
  std::string bytes = zip({{"a/1.png", png(4, 4, 7)}, {"b/2.png", png(4, 4, 8)}}, false);
  for (const auto& [header, flags] : {std::pair("PK\3\4", 6), {"PK\1\2", 8}})
    for (std::size_t at = 0; (at = bytes.find(header, at)) != std::string::npos; ++at)
      bytes[at + static_cast<std::size_t>(flags)] |= 1;
  const TemporaryFolder folder;
  write(folder / "x.zip", bytes);
  expect_error<DataError>([&] { open_dataset(folder / "x.zip"); }, {"x.zip", "encrypted", "password"});
}

TEST(ArchiveErrors, ZipWithAWrongChecksum) {
  const std::string image = png(4, 4, 7);
  std::string bytes = zip({{"a/1.png", image}, {"b/2.png", png(4, 4, 8)}}, false);
  bytes[bytes.find(image) + 20] ^= 1;
  const TemporaryFolder folder;
  write(folder / "x.zip", bytes);
  expect_error<DataError>([&] { open_dataset(folder / "x.zip"); }, {"x.zip", "damaged"});
}

TEST(ArchiveErrors, GzipWithAWrongChecksum) {
  const std::string plain = tar({{"a/1.png", png(4, 4, 7)}, {"b/2.png", png(4, 4, 8)}});
  const TemporaryFolder folder;
  const std::string packed = gzip(plain);
  const auto open = [&](const std::string& bytes) {
    write(folder / "x.tar.gz", bytes);
    return [&folder] { open_dataset(folder / "x.tar.gz"); };
  };
  std::string wrong = packed;
  wrong[wrong.size() - 6] ^= 1;  // of the checksum
  expect_error<DataError>(open(wrong), {"x.tar.gz", "damaged"});
  wrong = packed;
  wrong[wrong.size() - 2] ^= 1;  // of the length
  expect_error<DataError>(open(wrong), {"x.tar.gz", "damaged"});
  expect_error<DataError>(open(packed.substr(0, packed.size() - 3)), {"x.tar.gz", "truncated"});
  EXPECT_NO_THROW(open(packed)());
}

/// Sets a field of a tar header and its sum.
void set_header(std::string& bytes, std::size_t header, std::size_t at, const std::string& field) {
  bytes.replace(header + at, field.size(), field);
  bytes.replace(header + 148, 8, 8, ' ');  // the sum is taken over blanks in its own place
  unsigned sum = 0;
  for (const char c : bytes.substr(header, 512)) sum += static_cast<unsigned char>(c);
  char digits[8];
  std::snprintf(digits, sizeof(digits), "%06o", sum);
  bytes.replace(header + 148, 7, digits, 7);
}

/// The peak of this process's memory, in kB.
long peak_memory() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

TEST(ArchiveErrors, MemoryIsTakenForWhatIsThere) {
  std::string bytes = tar({{"a/1.png", png(4, 4, 1)}, {"b/1.png", png(4, 4, 2)}});
  set_header(bytes, 0, 124, "17777777777");  // 2 GB
  const TemporaryFolder folder;
  const long before = peak_memory();
  for (const std::string& archive : {bytes, gzip(bytes)}) {
    write(folder / "x.tar", archive);
    expect_error<DataError>([&] { open_dataset(folder / "x.tar"); }, {"x.tar", "truncated"});
  }
  // GNU's sparse files: one byte behind 3 GB of nothing.
  std::string sparse = tar({{"a/1.png", "x"}, {"b/1.png", png(4, 4, 2)}, {"c/1.png", png(4, 4, 3)}});
  sparse[156] = 'S';
  sparse.replace(386, 24,
                 std::string("30000000000\0"
                             "00000000001\0",
                             24));
  set_header(sparse, 0, 483, "30000000001");
  set_header(sparse, 0, 257, std::string("ustar  \0", 8));
  write(folder / "sparse.tar", sparse);
  const Dataset data = open_dataset(folder / "sparse.tar");
  expect_error<DataError>([&] { data.train->load(0, 1); }, {"a/1.png", "empty for the most part"});
  EXPECT_EQ(data.train->load(1, 1).pixels.front(), 2);
  EXPECT_LT(peak_memory() - before, 500'000);
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
  expect_error<DataError>(open(packed.substr(0, packed.size() / 2)), {"x.tar", "is truncated"});
  expect_error<DataError>(open(packed.substr(0, 100)), {"x.tar", "is truncated"});
  expect_error<DataError>(open(gzip("no archive")), {"x.tar", "is not a data set"});
  expect_error<DataError>(open(tar({})), {"x.tar", "is empty"});
  expect_error<DataError>(open(tar({{"1.png", "x"}})), {"x.tar", "no folders named after classes"});
  expect_error<DataError>(open(tar({{"a/1.png", "x"}})), {"x.tar", "a single class (a)"});
  expect_error<DataError>(open(tar({{"a/1.png", "x"}, {"b/", ""}})), {"x.tar", "classes without images: b"});
}

TEST(ArchiveErrors, APackedArchiveThatNeedsTooMuchMemory) {
  // The first header says that its file has 2^56 bytes.
  std::string bytes = tar({{"a/1.png", png(4, 4, 1)}, {"b/1.png", png(4, 4, 2)}});
  set_header(bytes, 0, 124, std::string("\x80\0\0\0\1\0\0\0\0\0\0\0", 12));
  const TemporaryFolder folder;
  write(folder / "x.tar", gzip(bytes));
  expect_error<DataError>([&] { open_dataset(folder / "x.tar"); }, {"x.tar", "kept in memory", "unpack it"});
}

}  // namespace
}  // namespace alexnet::test
