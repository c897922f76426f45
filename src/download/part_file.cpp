#include "download/part_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <system_error>
#include <thread>
#include <utility>

#include "alexnet/error.h"
#include "base/file.h"

namespace alexnet {

PartFile::PartFile(std::filesystem::path path, const std::function<void(std::uint64_t)>& waiting)
    : path_(std::move(path)), part_(path_.string() + ".part") {
  make_folder(path_.parent_path());
  try {
    while (!lock(waiting)) continue;
  } catch (...) {
    if (descriptor_ >= 0) ::close(descriptor_);
    throw;
  }
}

PartFile::~PartFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

/// False where the file was renamed or removed by the process that had it locked.
bool PartFile::lock(const std::function<void(std::uint64_t)>& waiting) {
  using namespace std::chrono_literals;
  if (descriptor_ >= 0) ::close(descriptor_);
  descriptor_ = ::open(part_.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0666);
  if (descriptor_ < 0) fail("opened");
  struct stat open {
  }, named{};
  while (::flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR) fail("locked");
    if (::fstat(descriptor_, &open) == 0) waiting(static_cast<std::uint64_t>(open.st_size));
    std::this_thread::sleep_for(100ms);
  }
  if (::fstat(descriptor_, &open) != 0) fail("read");
  size_ = static_cast<std::uint64_t>(open.st_size);
  return ::stat(part_.c_str(), &named) == 0 && named.st_ino == open.st_ino && named.st_dev == open.st_dev;
}

void PartFile::append(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail("written");
    bytes = bytes.subspan(static_cast<std::size_t>(written));
    size_ += static_cast<std::uint64_t>(written);
  }
}

void PartFile::restart() {
  if (::ftruncate(descriptor_, 0) != 0) fail("emptied");
  size_ = 0;
}

void PartFile::commit() {
  if (::fsync(descriptor_) != 0 || ::rename(part_.c_str(), path_.c_str()) != 0) fail("written");
}

void PartFile::remove() { ::unlink(part_.c_str()); }

void PartFile::fail(const char* doing) const {
  throw DataError(part_.string(),
                  std::string("cannot be ") + doing + " (" + std::generic_category().message(errno) + ")",
                  "check the permissions and the free space of its folder");
}

}  // namespace alexnet
