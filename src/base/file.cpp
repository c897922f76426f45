#include "base/file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <functional>
#include <system_error>
#include <utility>

#include "alexnet/bytes.h"
#include "alexnet/error.h"
#include "alexnet/output_file.h"
#include "base/mapped_files.h"

namespace alexnet {
namespace {

/// Closes a descriptor at the end of a scope.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return number_; }

 private:
  int number_;
};

std::string reason() { return std::generic_category().message(errno); }

/// Whether an error of open() says nothing about the file itself: of a disk or a network, or too many open
/// files.
bool may_pass(int error) {
  constexpr std::array kPassing = {EIO, ESTALE, ETIMEDOUT, EAGAIN, EMFILE, ENFILE, ENOMEM, EREMOTEIO};
  return std::ranges::find(kPassing, error) != kPassing.end();
}

// The system takes a name to end at its first NUL: another file's.
void require_no_nul(const std::filesystem::path& path) {
  if (path.native().find('\0') != std::string::npos)
    throw DataError(path.c_str(), "contains a NUL character, which no file name can contain",
                    "choose another name");
}

// O_NONBLOCK: opening a FIFO nobody writes to must not hang; regular files do not mind.
std::size_t open_regular(const std::filesystem::path& path, const Descriptor& file) {
  if (file.get() < 0) {
    const bool passing = may_pass(errno);
    const std::string problem = "cannot be opened (" + reason() + ")",
                      fix = "check the path and its permissions";
    if (passing) throw ReadError(path.string(), problem, fix);
    throw DataError(path.string(), problem, fix);
  }
  struct stat info {};
  if (::fstat(file.get(), &info) != 0)
    throw DataError(path.string(), "cannot be examined (" + reason() + ")");
  if (S_ISDIR(info.st_mode)) throw DataError(path.string(), "is a folder, not a file", "name a file");
  if (!S_ISREG(info.st_mode)) throw DataError(path.string(), "is not a regular file", "name a file");
  return static_cast<std::size_t>(info.st_size);
}

/// Whether a path (its last link not followed) is a descriptor of this process: what /dev/stdout and
/// /dev/fd/3 name.
bool is_descriptor(const std::filesystem::path& path) {
  std::error_code error;
  const std::filesystem::path own = "/proc/" + std::to_string(::getpid()) + "/fd";
  return path.has_parent_path() && std::filesystem::canonical(path.parent_path(), error) == own;
}

/// Where what is written to a path goes, and how.
struct Destination {
  enum class Kind { kReplaced, kAsItIs, kDescriptor } kind = Kind::kReplaced;
  std::filesystem::path path;  // links followed, other than those of descriptors
  int descriptor = -1;         // of this process
};

Destination destination(std::filesystem::path path) {
  require_no_nul(path);
  using Type = std::filesystem::file_type;
  std::error_code ignored;
  const Type type = std::filesystem::status(path, ignored).type();
  if (type == Type::directory) throw DataError(path.string(), "is a folder, not a file", "name a file");
  // Links that lead to each other have no type.
  while (type != Type::none && !is_descriptor(path) && std::filesystem::is_symlink(path, ignored))
    path = path.parent_path() / std::filesystem::read_symlink(path, ignored);
  using Kind = Destination::Kind;
  if (is_descriptor(path)) {
    const std::string name = path.filename().string();
    int number = -1;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
    return {Kind::kDescriptor, path, error == std::errc() && end == name.data() + name.size() ? number : -1};
  }
  const bool replaced = type == Type::regular || type == Type::not_found;
  return {replaced ? Kind::kReplaced : Kind::kAsItIs, path, -1};
}

std::filesystem::path folder_of(const std::filesystem::path& path) {
  return path.has_parent_path() ? path.parent_path() : ".";
}

/// The name that a file has until it takes the place of `target`: "name.tmp<process>". Of a name that leaves
/// no room for this the beginning stands, with a number that tells it from others.
std::filesystem::path temporary_name(const std::filesystem::path& target) {
  std::string name = target.filename().string(), tail = ".tmp" + std::to_string(::getpid());
  const long max = ::pathconf(folder_of(target).c_str(), _PC_NAME_MAX);
  if (max > 0 && name.size() + tail.size() > static_cast<std::size_t>(max)) {
    tail += std::to_string(std::hash<std::string>{}(name));
    const auto longest = static_cast<std::size_t>(max);
    name.resize(longest > tail.size() ? longest - tail.size() : 0);
  }
  return target.parent_path() / (name + tail);
}

/// The name that the system has for what a descriptor is open on.
std::string name_of(int descriptor) { return "/proc/self/fd/" + std::to_string(descriptor); }

/// A file in a folder that has no name yet, so that nothing of it is left when the process is killed. -1
/// where the file system or the system offers none.
int open_nameless(const std::filesystem::path& folder) {
  const int descriptor = ::open(folder.c_str(), O_WRONLY | O_TMPFILE | O_CLOEXEC, 0666);
  if (descriptor < 0 || ::access(name_of(descriptor).c_str(), F_OK) == 0) return descriptor;
  ::close(descriptor);
  return -1;
}

}  // namespace

Bytes Bytes::map(const std::filesystem::path& path) {
  require_no_nul(path);
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  const std::size_t size = open_regular(path, file);
  if (size == 0)
    throw DataError(path.string(), "is empty", "the file was probably truncated when it was copied");
  void* data = ::mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file.get(), 0);
  if (data == MAP_FAILED) throw DataError(path.string(), "cannot be mapped (" + reason() + ")");
  note_mapping(data, size, path.native());
  const auto unmap = [size](void* mapped) {
    forget_mapping(mapped);
    ::munmap(mapped, size);
  };
  return {path.string(), {static_cast<const std::byte*>(data), size}, {data, unmap}};
}

Bytes Bytes::own(std::string name, std::string content) {
  auto kept = std::make_shared<const std::string>(std::move(content));
  const std::span<const std::byte> data = std::as_bytes(std::span(*kept));
  return {std::move(name), data, std::move(kept)};
}

std::string read_file(const std::filesystem::path& path, std::size_t limit) {
  require_no_nul(path);
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  const std::size_t size = open_regular(path, file);
  if (size > limit) throw DataError(path.string(), "is too large (" + std::to_string(size) + " bytes)");
  std::string content(size, '\0');
  std::size_t done = 0;
  while (done < size) {
    const ssize_t n = ::read(file.get(), content.data() + done, size - done);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) throw ReadError(path.string(), "cannot be read (" + reason() + ")");
    if (n == 0) break;
    done += static_cast<std::size_t>(n);
  }
  content.resize(done);
  return content;
}

AtomicFile::AtomicFile(std::filesystem::path path) : path_(std::move(path)) {
  const Destination to = destination(path_);
  target_ = to.path;
  switch (to.kind) {
    case Destination::Kind::kReplaced:
      temporary_ = temporary_name(target_);
      descriptor_ = open_nameless(folder_of(target_));
      nameless_ = descriptor_ >= 0;
      if (!nameless_)
        descriptor_ = ::open(temporary_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
      break;
    case Destination::Kind::kAsItIs:
      descriptor_ = ::open(path_.c_str(), O_WRONLY | O_CLOEXEC);
      break;
    case Destination::Kind::kDescriptor:
      // Opened by its name, a redirected file would be written from its beginning; a copy continues at its
      // position.
      descriptor_ = ::fcntl(to.descriptor, F_DUPFD_CLOEXEC, 0);
      break;
  }
  if (descriptor_ < 0) fail("cannot be written");
  start_ = ::lseek(descriptor_, 0, SEEK_CUR);
  stream_.exceptions(std::ios::badbit);
}

AtomicFile::~AtomicFile() {
  if (descriptor_ >= 0) {
    ::close(descriptor_);
    if (!temporary_.empty() && !nameless_) ::unlink(temporary_.c_str());
  }
}

void AtomicFile::fail(const std::string& doing) const {
  throw DataError(path_.string(), doing + " (" + reason() + ")",
                  "check the free space and the folder's permissions");
}

void AtomicFile::write(const void* data, std::size_t size) {
  const char* bytes = static_cast<const char*>(data);
  while (size > 0) {
    const ssize_t n = ::write(descriptor_, bytes, size);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail("cannot be written");
    bytes += n;
    size -= static_cast<std::size_t>(n);
  }
}

bool AtomicFile::may_rewrite() const {
  return start_ >= 0 && (::fcntl(descriptor_, F_GETFL) & O_APPEND) == 0;
}

void AtomicFile::rewrite_start(std::string_view text) {
  if (!may_rewrite()) throw DataError(path_.string(), "is a pipe, whose beginning cannot be written last");
  for (off_t at = start_; !text.empty();) {
    const ssize_t n = ::pwrite(descriptor_, text.data(), text.size(), at);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) fail("cannot be written");
    at += n;
    text.remove_prefix(static_cast<std::size_t>(n));
  }
}

std::streamsize AtomicFile::Buffer::xsputn(const char* text, std::streamsize size) {
  file_.write(text, static_cast<std::size_t>(size));
  return size;
}

std::streambuf::int_type AtomicFile::Buffer::overflow(int_type c) {
  if (traits_type::eq_int_type(c, traits_type::eof())) return traits_type::not_eof(c);
  const char one = traits_type::to_char_type(c);
  file_.write(&one, 1);
  return c;
}

/// A file gets a name beside its target only: it cannot replace one at once.
void AtomicFile::take_name() {
  if (!nameless_) return;
  ::unlink(temporary_.c_str());  // of a killed process of the same number
  if (::linkat(AT_FDCWD, name_of(descriptor_).c_str(), AT_FDCWD, temporary_.c_str(), AT_SYMLINK_FOLLOW) != 0)
    fail("cannot be written");
  nameless_ = false;
}

void AtomicFile::commit() {
  if (temporary_.empty()) {
    ::close(std::exchange(descriptor_, -1));
    return;
  }
  if (::fsync(descriptor_) != 0) fail("cannot be written");
  take_name();
  if (::rename(temporary_.c_str(), target_.c_str()) != 0) fail("cannot be replaced");
  ::close(std::exchange(descriptor_, -1));
  const Descriptor parent(::open(folder_of(target_).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (parent.get() >= 0) ::fsync(parent.get());
}

void require_writable(const std::filesystem::path& file) {
  const Destination to = destination(file);
  if (to.kind == Destination::Kind::kDescriptor) {
    const int flags = ::fcntl(to.descriptor, F_GETFL);
    if (flags < 0 || (flags & O_ACCMODE) == O_RDONLY)
      throw DataError(file.string(), "is not open for writing", "name a file");
    return;
  }
  const std::filesystem::path folder = folder_of(to.path);
  std::error_code ignored;
  if (!std::filesystem::is_directory(folder, ignored))
    throw DataError(file.string(), "cannot be written: there is no folder '" + folder.string() + "'",
                    "make it, or name another file");
  const bool replaced = to.kind == Destination::Kind::kReplaced;
  if (::faccessat(AT_FDCWD, (replaced ? folder : file).c_str(), W_OK, AT_EACCESS) != 0)
    throw DataError(file.string(), "cannot be written (" + reason() + ")",
                    "check the permissions, or name another file");
}

void write_file(const std::filesystem::path& path, std::string_view text) {
  AtomicFile file(path);
  file.write(text);
  file.commit();
}

void flush_file(const std::filesystem::path& path) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0 || ::fsync(file.get()) != 0)
    throw DataError(path.string(), "cannot be written (" + reason() + ")", "check the free space");
}

std::filesystem::path one_spelling(const std::filesystem::path& path) {
  const std::filesystem::path whole = std::filesystem::absolute(path).lexically_normal();
  return whole.has_filename() ? whole : whole.parent_path();
}

void make_folder(const std::filesystem::path& path) {
  require_no_nul(path);
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (error)
    throw DataError(path.string(), "cannot be created (" + error.message() + ")",
                    "choose another folder or check its permissions");
  if (!std::filesystem::is_directory(path, error))
    throw DataError(path.string(), "is not a folder", "choose another name");
}

}  // namespace alexnet
