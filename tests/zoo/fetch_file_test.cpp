// Files fetched over HTTP, from a server on loopback that has the faults of real ones.
#include "download/fetch_file.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <memory>
#include <sstream>
#include <thread>

#include "base/file.h"
#include "download/file_digest.h"
#include "tests/data/fixtures.h"

namespace alexnet::test {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

/// server.py on its way.
class Server {
 public:
  explicit Server(const fs::path& folder) : folder_(folder) {
    const std::string port = (folder / "port").string(), log = (folder / "log").string();
    process_ = ::fork();
    if (process_ == 0) {
      ::execlp("python3", "python3", ALEXNET_TEST_SERVER, folder.c_str(), port.c_str(), log.c_str(), nullptr);
      ::_exit(127);
    }
    using namespace std::chrono_literals;
    for (int i = 0; i < 2000 && !fs::exists(port); ++i) {
      if (::waitpid(process_, nullptr, WNOHANG) == process_) {
        process_ = -1;
        return;
      }
      std::this_thread::sleep_for(5ms);
    }
    address_ = "http://127.0.0.1:" + read_file(port);
  }
  ~Server() {
    if (process_ <= 0) return;
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
  }
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  bool runs() const { return !address_.empty(); }
  std::string url(const std::string& how) const { return address_ + "/" + how + "/file"; }
  /// The requests so far, "path range" each.
  std::vector<std::string> requests() const {
    std::vector<std::string> lines;
    std::istringstream text(read_file(folder_ / "log"));
    for (std::string line; std::getline(text, line);) lines.push_back(line);
    return lines;
  }

 private:
  fs::path folder_;
  pid_t process_ = -1;
  std::string address_;
};

class FetchFile : public testing::Test {
 protected:
  FetchFile() {
    for (int i = 0; i < 40'000; ++i) content_ += static_cast<char>(i * i % 251);
    write(folder_ / "served" / "file", content_);
    file_ = {"file", "https://example.com/file", file_digest(folder_ / "served" / "file", "sha256:"),
             content_.size()};
    ::setenv("no_proxy", "127.0.0.1", 1);
  }
  void SetUp() override {
    server_ = std::make_unique<Server>(folder_ / "served");
    if (!server_->runs()) GTEST_SKIP() << "python3, which runs the server of this test, is not installed";
  }

  void fetch(const std::string& how) const { fetch_file(file_, server_->url(how), path(), options_); }
  std::string failure(const std::string& how) const { return failure_from(server_->url(how)); }
  /// The error that it ends with, a line.
  std::string failure_from(const std::string& source) const {
    try {
      fetch_file(file_, source, path(), options_);
    } catch (const DataError& error) {
      EXPECT_THAT(error.what(),
                  HasSubstr("download https://example.com/file and put it at " + path().string()));
      EXPECT_THAT(error.what(), testing::Not(HasSubstr("\n")));
      EXPECT_FALSE(fs::exists(path()));
      return error.what();
    }
    return "no error";
  }
  void expect_fetched() const {
    EXPECT_EQ(read_file(path()), content_);
    EXPECT_FALSE(fs::exists(part()));
  }
  void write_part(std::size_t bytes) const { write(part(), content_.substr(0, bytes)); }
  fs::path path() const { return folder_ / "cache" / "file"; }
  fs::path part() const { return folder_ / "cache" / "file.part"; }

  TemporaryFolder folder_;
  std::string content_;
  ZooFile file_;
  FetchOptions options_;
  std::unique_ptr<Server> server_;
};

TEST_F(FetchFile, OnceAndWithProgress) {
  std::uint64_t last = 0;
  options_.progress = [&](const std::string& file, std::uint64_t done, std::uint64_t total) {
    EXPECT_EQ(file, "file");
    EXPECT_EQ(total, content_.size());
    EXPECT_GE(done, last);
    last = done;
  };
  fetch("plain");
  expect_fetched();
  EXPECT_EQ(last, content_.size());
  fetch("plain");
  EXPECT_THAT(server_->requests(), ElementsAre("/plain/file -"));
}

TEST_F(FetchFile, ResumesAPart) {
  write_part(10'000);
  fetch("plain");
  expect_fetched();
  EXPECT_THAT(server_->requests(), ElementsAre("/plain/file bytes=10000-"));
}

TEST_F(FetchFile, StartsAnewWhereTheServerKnowsNoRanges) {
  write_part(10'000);
  fetch("whole");
  expect_fetched();
}

TEST_F(FetchFile, TakesAPartThatIsWhole) {
  write_part(content_.size());
  fetch("plain");
  expect_fetched();
  file_.bytes = 0;  // now the server has to say so
  fs::rename(path(), part());
  fetch("plain");
  expect_fetched();
  EXPECT_THAT(server_->requests(), ElementsAre("/plain/file bytes=40000-"));
}

TEST_F(FetchFile, OfUnknownSize) {
  file_.bytes = 0;
  fetch("unsized");
  expect_fetched();
}

TEST_F(FetchFile, KeepsWhatArrivedBeforeAnInterruption) {
  EXPECT_THAT(failure("cut"), HasSubstr("was fetched in part, 20000 bytes"));
  EXPECT_EQ(fs::file_size(part()), 20'000U);
  EXPECT_THAT(failure("cut"), HasSubstr("run the command again to resume"));
  EXPECT_EQ(fs::file_size(part()), 30'000U);
  fetch("plain");
  expect_fetched();
}

TEST_F(FetchFile, GivesUpAConnectionThatStalls) {
  options_.stall_seconds = 1;
  EXPECT_THAT(failure("stall"), HasSubstr("too slow"));
  EXPECT_EQ(fs::file_size(part()), 20'000U);
}

TEST_F(FetchFile, AnExceptionOfTheCallerStopsAndKeepsThePart) {
  struct Stop {};
  options_.progress = [](const std::string&, std::uint64_t done, std::uint64_t) {
    if (done > 0) throw Stop();
  };
  EXPECT_THROW(fetch("slow"), Stop);
  EXPECT_EQ(fs::file_size(part()), 20'000U);
}

TEST_F(FetchFile, RefusesAndRemovesOtherContent) {
  file_.digest = file_digest(path().parent_path().parent_path() / "served" / "port", "md5:");
  const std::string text = failure("plain");
  EXPECT_THAT(text, HasSubstr("has the digest md5:"));
  EXPECT_THAT(text, HasSubstr("it was removed"));
  EXPECT_FALSE(fs::exists(part()));
}

TEST_F(FetchFile, RefusesMoreThanWasPublished) {
  file_.bytes = 30'000;
  EXPECT_THAT(failure("plain"), HasSubstr("sends more than 30000 bytes"));
  EXPECT_FALSE(fs::exists(part()));
  EXPECT_THAT(failure("unsized"), HasSubstr("sends more than 30000 bytes"));
}

TEST_F(FetchFile, RefusesAnotherRange) {
  write_part(10'000);
  EXPECT_THAT(failure("other"), HasSubstr("another range"));
  EXPECT_EQ(fs::file_size(part()), 10'000U);
}

TEST_F(FetchFile, FollowsRedirectionsToHttpAlone) {
  EXPECT_THAT(failure("file"), HasSubstr("cannot be fetched (Protocol \"file\""));
  EXPECT_THAT(failure("around"), HasSubstr("redirects"));
  EXPECT_FALSE(fs::exists(part()));
  fetch("moved");
  expect_fetched();
}

TEST_F(FetchFile, SaysWhatToDoWithoutTheFile) {
  EXPECT_THAT(failure_from(server_->url("plain") + "s"), HasSubstr("404"));
  EXPECT_THAT(failure_from("http://127.0.0.1:1/file"), HasSubstr("file: cannot be fetched ("));
  EXPECT_THAT(failure_from("file://" + (folder_ / "served" / "file").string()),
              HasSubstr("Protocol \"file\""));
  EXPECT_THAT(failure_from((folder_ / "nowhere" / "file").string()), HasSubstr("there is no "));
  EXPECT_FALSE(fs::exists(part()));
}

TEST_F(FetchFile, ProcessesWaitForEachOther) {
  std::thread other([&] { fetch("slow"); });
  fetch("slow");
  other.join();
  expect_fetched();
  EXPECT_EQ(server_->requests().size(), 1U);
}

TEST_F(FetchFile, CopiesFromAFolderAndResumes) {
  write_part(10'000);
  fetch_file(file_, (folder_ / "served" / "file").string(), path(), options_);
  expect_fetched();
}

TEST_F(FetchFile, ChecksWhatWasPutThereByHand) {
  write(path(), content_);
  fetch("plain");
  write(path(), content_.substr(1) + "x");
  expect_error<DataError>([&] { fetch("plain"); }, {path().string(), "has the digest", "remove it"});
  write(path(), content_ + "x");
  expect_error<DataError>([&] { fetch("plain"); }, {"has 40001 bytes, but 40000 were published"});
  EXPECT_TRUE(fs::exists(path()));  // it is somebody's
}

TEST(FileDigest, IsThatOfOtherPrograms) {
  // md5sum and sha256sum of "abc" (RFC 1321, FIPS 180-2).
  const TemporaryFolder folder;
  write(folder / "abc", "abc");
  EXPECT_EQ(file_digest(folder / "abc", "md5:"), "md5:900150983cd24fb0d6963f7d28e17f72");
  EXPECT_EQ(file_digest(folder / "abc", "sha256:"),
            "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  expect_error<UsageError>([&] { file_digest(folder / "abc", "crc32:"); }, {"'crc32' is not known"});
  expect_error<DataError>([&] { file_digest(folder / "none", "md5:"); }, {"cannot be read"});
}

}  // namespace
}  // namespace alexnet::test
