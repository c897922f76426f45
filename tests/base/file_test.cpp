#include "base/file.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <vector>

#include "alexnet/bytes.h"
#include "alexnet/error.h"
#include "alexnet/output_file.h"
#include "tests/error_text.h"
#include "tests/ordinary_user.h"

namespace alexnet {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

/// A fresh folder for each test.
class Files : public testing::Test {
 protected:
  Files() {
    std::string pattern = (fs::temp_directory_path() / "alexnet-file-XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
  }
  ~Files() override {
    std::error_code ignored;
    fs::permissions(folder_, fs::perms::owner_all, ignored);
    fs::remove_all(folder_, ignored);
  }

  fs::path put(const std::string& name, const std::string& content) const {
    std::ofstream(folder_ / name, std::ios::binary) << content;
    return folder_ / name;
  }
  static std::string content(const fs::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  std::size_t files() const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder_), {}));
  }
  fs::path fifo() const {
    EXPECT_EQ(::mkfifo((folder_ / "fifo.jpg").c_str(), 0600), 0);
    return folder_ / "fifo.jpg";
  }

  fs::path folder_;
};

std::string data_error(const std::function<void()>& body) {
  try {
    body();
  } catch (const DataError& error) {
    return error.what();
  }
  ADD_FAILURE() << "no DataError";
  return {};
}

TEST_F(Files, MappedBytesAreThoseOfTheFile) {
  const fs::path path = put("a.bin", std::string("ab\0cd", 5));
  const Bytes file = Bytes::map(path);
  EXPECT_EQ(file.name, path.string());
  ASSERT_EQ(file.data.size(), 5U);
  EXPECT_EQ(file.data[4], std::byte{'d'});
}

TEST_F(Files, MappedBytesSurviveTheirFile) {
  const fs::path path = put("a.bin", "kept");
  const Bytes file = Bytes::map(path);
  fs::remove(path);
  EXPECT_EQ(file.data[3], std::byte{'t'});
}

TEST_F(Files, OwnBytesSurviveTheirCopies) {
  Bytes copy;
  {
    const Bytes bytes = Bytes::own("answer", "short");
    copy = bytes;
  }
  EXPECT_EQ(copy.name, "answer");
  ASSERT_EQ(copy.data.size(), 5U);
  EXPECT_EQ(copy.data[4], std::byte{'t'});
}

TEST_F(Files, StreamsWriteWhatTheirFileWrites) {
  AtomicFile file(folder_ / "a.txt");
  file.write("a ");
  file.stream() << "number: " << 12 << std::endl;
  file.stream().put('!');
  EXPECT_FALSE(fs::exists(folder_ / "a.txt"));
  file.commit();
  EXPECT_EQ(content(folder_ / "a.txt"), "a number: 12\n!");
}

TEST_F(Files, StreamsThrowWhatTheirFileThrows) {
  if (!fs::exists("/dev/full")) GTEST_SKIP() << "this machine has no /dev/full";
  AtomicFile file("/dev/full");
  EXPECT_THAT(data_error([&] { file.stream() << "text"; }),
              HasSubstr("/dev/full: cannot be written (No space"));
}

TEST_F(Files, WhatIsNoRegularFileIsRefusedByName) {
  const fs::path pipe = fifo();  // must not hang either
  for (const auto& open : {std::function<void(const fs::path&)>([](const fs::path& p) { Bytes::map(p); }),
                           std::function<void(const fs::path&)>([](const fs::path& p) { read_file(p); })}) {
    EXPECT_THAT(data_error([&] { open(pipe); }), HasSubstr("fifo.jpg: is not a regular file"));
    EXPECT_THAT(data_error([&] { open(folder_); }), HasSubstr("is a folder"));
    EXPECT_THAT(data_error([&] { open("/dev/null"); }), HasSubstr("not a regular file"));
    EXPECT_THAT(data_error([&] { open(folder_ / "none"); }), HasSubstr("none: cannot be opened"));
    EXPECT_THAT(data_error([&] { open(folder_ / std::string(300, 'x')); }), HasSubstr("cannot be opened"));
  }
}

TEST_F(Files, SymlinkLoopIsAnError) {
  fs::create_symlink(folder_ / "b", folder_ / "a");
  fs::create_symlink(folder_ / "a", folder_ / "b");
  EXPECT_THAT(data_error([&] { read_file(folder_ / "a"); }), HasSubstr("cannot be opened"));
  EXPECT_THAT(data_error([&] { AtomicFile(folder_ / "a"); }), HasSubstr("a: cannot be written"));
}

TEST_F(Files, EmptyFileCannotBeMappedButRead) {
  const fs::path path = put("empty", "");
  EXPECT_THAT(data_error([&] { Bytes::map(path); }), HasSubstr("empty: is empty"));
  EXPECT_EQ(read_file(path), "");
}

TEST_F(Files, ReadFileStopsAtItsLimit) {
  const fs::path path = put("text", "12345");
  EXPECT_EQ(read_file(path, 5), "12345");
  EXPECT_THAT(data_error([&] { read_file(path, 4); }), HasSubstr("too large (5 bytes)"));
}

TEST_F(Files, ADescriptorIsWrittenToFromWhereItStands) {
  const fs::path path = put("log", "");
  fs::create_symlink("/proc/self/fd", folder_ / "fd");
  const std::vector<std::string> names = {"/dev/fd/", "/proc/self/fd/", folder_ / "fd/"};
  for (const std::string& name : names) {
    const int log = ::open(path.c_str(), O_WRONLY | O_TRUNC);
    ASSERT_EQ(::write(log, "before ", 7), 7);
    write_file(name + std::to_string(log), "text");
    ASSERT_EQ(::write(log, " after", 6), 6);
    ::close(log);
    EXPECT_EQ(content(path), "before text after") << name;
    EXPECT_THAT(data_error([&] { write_file(name + std::to_string(log), "x"); }), HasSubstr("cannot be"))
        << name;
  }
}

TEST_F(Files, OnlyANumberIsADescriptor) {
  for (const char* name : {"/dev/fd/foo", "/dev/fd/1foo", "/dev/fd/987654"}) {
    EXPECT_THAT(data_error([&] { AtomicFile{name}; }), HasSubstr("cannot be written")) << name;
    EXPECT_THAT(data_error([&] { require_writable(name); }), HasSubstr("not open for writing")) << name;
  }
}

TEST_F(Files, ReportBeforehandThatAFileCannotBeWritten) {
  const fs::path file = put("file", "old"), locked = folder_ / "locked", open = folder_ / "open";
  fs::create_directory(locked);
  fs::create_directory(open);
  fs::create_symlink(open / "new", locked / "out");
  fs::create_symlink(locked / "new", open / "out");
  fs::create_symlink(folder_ / "none/new", open / "nowhere");
  fs::permissions(folder_, fs::perms::all);
  fs::permissions(open, fs::perms::all);
  fs::permissions(locked, fs::perms{0555});
  const int log = ::open(file.c_str(), O_WRONLY), source = ::open(file.c_str(), O_RDONLY);
  const AsOrdinaryUser nobody;
  const auto refusal = [](const fs::path& path) { return data_error([&] { require_writable(path); }); };
  EXPECT_THAT(refusal(folder_), HasSubstr("is a folder"));
  EXPECT_THAT(refusal(folder_ / "none/new"), HasSubstr("there is no folder"));
  EXPECT_THAT(refusal(file / "new"), HasSubstr("there is no folder"));
  EXPECT_THAT(refusal(locked / "new"), HasSubstr("cannot be written"));
  // It is the place that a link leads to that counts.
  EXPECT_THAT(refusal(open / "out"), HasSubstr("cannot be written"));
  EXPECT_THAT(refusal(open / "nowhere"), HasSubstr("there is no folder"));
  EXPECT_THAT(refusal("/dev/fd/" + std::to_string(source)), HasSubstr("not open for writing"));
  for (const fs::path& path : {open / "new", locked / "out", file, fs::path("/dev/null"),
                               fs::path("/dev/fd/" + std::to_string(log))})
    EXPECT_NO_THROW(require_writable(path)) << path;
  EXPECT_EQ(files(), 3U);
  EXPECT_EQ(content(file), "old");
  ::close(log);
  ::close(source);
}

TEST_F(Files, AtomicFileAppearsWholeOnCommit) {
  const fs::path path = put("model", "old");
  AtomicFile file(path);
  file.write("new ");
  file.write("content");
  EXPECT_EQ(content(path), "old");
  file.commit();
  EXPECT_EQ(content(path), "new content");
}

TEST_F(Files, NoTemporaryIsLeftBehind) {
  write_file(folder_ / "model", "x");
  EXPECT_EQ(files(), 1U);
  {
    AtomicFile abandoned(folder_ / "model");
    abandoned.write("half");
    EXPECT_LE(files(), 2U);
  }
  EXPECT_EQ(files(), 1U);
  EXPECT_EQ(content(folder_ / "model"), "x");
}

TEST_F(Files, AKilledProcessLeavesNoTemporary) {
  const int nameless = ::open(folder_.c_str(), O_WRONLY | O_TMPFILE | O_CLOEXEC, 0600);
  if (nameless < 0) GTEST_SKIP() << "this file system has no files without names";
  ::close(nameless);
  write_file(folder_ / "model", "x");
  const pid_t child = ::fork();
  if (child == 0) {
    AtomicFile file(folder_ / "model");
    file.write("half");
    ::raise(SIGKILL);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(files(), 1U);
  EXPECT_EQ(content(folder_ / "model"), "x");
}

TEST_F(Files, ATemporaryOfAKilledProcessIsReplaced) {
  write_file(folder_ / ("model.tmp" + std::to_string(::getpid())), "left behind");
  write_file(folder_ / "model", "new");
  EXPECT_EQ(files(), 1U);
  EXPECT_EQ(content(folder_ / "model"), "new");
}

TEST_F(Files, NamesMayBeAsLongAsTheFileSystemTakes) {
  const std::string one(254, 'n');
  write_file(folder_ / (one + "1"), "first");
  write_file(folder_ / (one + "2"), "second");
  EXPECT_EQ(files(), 2U);
  EXPECT_EQ(content(folder_ / (one + "1")), "first");
}

TEST_F(Files, MappedBytesHaveTheirNameByAddress) {
  const fs::path path = put("two\nlines", "some content");
  const char* own = "not mapped";
  EXPECT_EQ(Bytes::mapped_at(own), nullptr);
  const std::byte* address = nullptr;
  {
    const Bytes bytes = Bytes::map(path);
    address = bytes.data.data();
    for (const std::size_t at : {std::size_t{0}, bytes.data.size() - 1}) {
      ASSERT_NE(Bytes::mapped_at(address + at), nullptr);
      EXPECT_EQ(Bytes::mapped_at(address + at), (folder_ / "two?lines").string());
    }
    EXPECT_EQ(Bytes::mapped_at(address + bytes.data.size()), nullptr);
  }
  EXPECT_EQ(Bytes::mapped_at(address), nullptr);
  std::vector<Bytes> many;
  for (int i = 0; i < 200; ++i) many.push_back(Bytes::map(path));  // more than are noted
  many.clear();
  const Bytes again = Bytes::map(path);
  EXPECT_NE(Bytes::mapped_at(again.data.data()), nullptr);
}

TEST_F(Files, CommitThatFailsLeavesNoTemporary) {
  {
    AtomicFile file(folder_ / "model");
    fs::create_directories(folder_ / "model" / "inside");
    EXPECT_THAT(data_error([&] { file.commit(); }), HasSubstr("model: cannot be replaced"));
  }
  EXPECT_EQ(files(), 1U);
}

TEST_F(Files, AtomicFileIsNoFolder) {
  fs::create_directory(folder_ / "model");
  EXPECT_THAT(data_error([&] { AtomicFile(folder_ / "model"); }), HasSubstr("model: is a folder"));
  EXPECT_EQ(files(), 1U);
}

TEST_F(Files, TheStartOfAFileMayBeWrittenLast) {
  AtomicFile file(folder_ / "counted");
  EXPECT_TRUE(file.may_rewrite());
  file.write("0 rows: a b");
  file.rewrite_start("2");
  file.write(" c");
  file.commit();
  EXPECT_EQ(read_file(folder_ / "counted"), "2 rows: a b c");
}

TEST_F(Files, TheStartOfAPipeIsGone) {
  ASSERT_EQ(::mkfifo((folder_ / "pipe").c_str(), 0600), 0);
  const int reader = ::open((folder_ / "pipe").c_str(), O_RDONLY | O_NONBLOCK);
  AtomicFile file(folder_ / "pipe");
  EXPECT_FALSE(file.may_rewrite());
  EXPECT_THAT(error_text<DataError>([&] { file.rewrite_start("2"); }), testing::HasSubstr("is a pipe"));
  ::close(reader);
}

TEST_F(Files, AtomicFileWritesToPipesAsTheyAre) {
  const fs::path pipe = fifo();
  const int reader = ::open(pipe.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  ASSERT_GE(reader, 0);
  write_file(pipe, "text");
  std::array<char, 8> got{};
  EXPECT_EQ(::read(reader, got.data(), got.size()), 4);
  EXPECT_STREQ(got.data(), "text");
  ::close(reader);
  EXPECT_TRUE(fs::is_fifo(pipe));
  EXPECT_EQ(files(), 1U);
}

TEST_F(Files, AtomicFileWritesToDevicesAsTheyAre) {
  fs::create_symlink("/dev/null", folder_ / "null");  // a link, so that a mistake costs no device
  write_file(folder_ / "null", "text");
  { const AtomicFile abandoned(folder_ / "null"); }
  EXPECT_TRUE(fs::is_symlink(folder_ / "null"));
  EXPECT_TRUE(fs::is_character_file(folder_ / "null"));
  EXPECT_EQ(files(), 1U);
}

TEST_F(Files, AtomicFileReplacesWhatALinkNames) {
  fs::create_directory(folder_ / "far");
  put("far/model", "old");
  fs::create_symlink("far/model", folder_ / "second");
  fs::create_symlink(folder_ / "second", folder_ / "first");
  fs::create_symlink("far/new", folder_ / "nowhere");
  write_file(folder_ / "first", "new");
  write_file(folder_ / "nowhere", "made");
  for (const char* link : {"first", "second", "nowhere"}) EXPECT_TRUE(fs::is_symlink(folder_ / link)) << link;
  EXPECT_EQ(content(folder_ / "far/model"), "new");
  EXPECT_EQ(content(folder_ / "far/new"), "made");
  EXPECT_EQ(files(), 4U);
}

TEST_F(Files, NamesEndNowhereElse) {
  const fs::path path = put("model", "old"), longer = path.string() + std::string("\0.png", 5);
  for (const auto& use : {std::function<void(const fs::path&)>([](const fs::path& p) { write_file(p, "x"); }),
                          std::function<void(const fs::path&)>([](const fs::path& p) { read_file(p); }),
                          std::function<void(const fs::path&)>([](const fs::path& p) { Bytes::map(p); }),
                          std::function<void(const fs::path&)>([](const fs::path& p) { make_folder(p); })})
    EXPECT_THAT(data_error([&] { use(longer); }), HasSubstr("model: contains a NUL"));
  EXPECT_EQ(content(path), "old");
  EXPECT_EQ(files(), 1U);
}

TEST_F(Files, ReadOnlyFolderIsADataError) {
  constexpr auto kReadOnly = static_cast<fs::perms>(0555);  // by anybody, so that writing alone is refused
  fs::permissions(folder_, kReadOnly);
  const AsOrdinaryUser user;
  EXPECT_TRUE(fs::is_empty(folder_));
  EXPECT_THAT(data_error([&] { AtomicFile(folder_ / "model"); }), HasSubstr("model: cannot be written"));
}

TEST_F(Files, FolderThatTakesNoFilesIsADataError) {
  // Not even root creates files in /proc.
  EXPECT_THAT(data_error([&] { AtomicFile("/proc/model"); }), HasSubstr("model: cannot be written"));
  EXPECT_THAT(data_error([&] { AtomicFile(folder_ / "none" / "model"); }), HasSubstr("cannot be written"));
}

TEST_F(Files, RelativeNameWithoutAFolderWorks) {
  const fs::path before = fs::current_path();
  fs::current_path(folder_);
  write_file("plain", "x");
  fs::current_path(before);
  EXPECT_EQ(content(folder_ / "plain"), "x");
}

TEST_F(Files, DiskFullKeepsTheOldFile) {
  const fs::path path = put("model", "old");
  // A limit on file sizes stands in for a full disk: write() fails the same way.
  struct rlimit before {};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto old_handler = std::signal(SIGXFSZ, SIG_IGN);
  struct rlimit small = before;
  small.rlim_cur = 4096;
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  const std::string message = data_error([&] { write_file(path, std::string(100'000, 'x')); });
  ::setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, old_handler);
  EXPECT_THAT(message, HasSubstr("model: cannot be written"));
  EXPECT_EQ(content(path), "old");
  EXPECT_EQ(files(), 1U);
}

TEST_F(Files, MakeFolderMakesParentsAndMindsFiles) {
  make_folder(folder_ / "a" / "b");
  make_folder(folder_ / "a" / "b");
  EXPECT_TRUE(fs::is_directory(folder_ / "a" / "b"));
  put("file", "x");
  EXPECT_THAT(data_error([&] { make_folder(folder_ / "file"); }), HasSubstr("file"));
  EXPECT_THAT(data_error([&] { make_folder(folder_ / "file" / "below"); }), HasSubstr("below"));
}

}  // namespace
}  // namespace alexnet
