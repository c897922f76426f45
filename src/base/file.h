// Files as this program needs them: read whole (Bytes::map() maps them), replaced atomically when written.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <ostream>
#include <streambuf>
#include <string>
#include <string_view>

#include "alexnet/error.h"

namespace alexnet {

/// A file that is there and cannot be read now: another attempt may succeed.
class ReadError : public DataError {
 public:
  using DataError::DataError;
};

/// Reads a whole regular file; never blocks on a FIFO. DataError when missing, not regular, or larger than
/// `limit`; ReadError when its disk or its network fails.
std::string read_file(const std::filesystem::path& path, std::size_t limit = std::size_t{1} << 30);

/// Writes a file so that a reader, or a kill at any moment, finds the old content whole or the new content
/// whole: a temporary beside it, fsync, rename, fsync of the folder. DataError (disk full, read-only, ...)
/// leaves the old file as it was and no temporary behind; nor does a kill, where the file system has files
/// without names (O_TMPFILE). Of a symbolic link the file it names is replaced.
/// Devices and pipes (/dev/null, a FIFO) are written to as they are, and so is what a descriptor of the
/// process is open on (/dev/stdout), from where it stands: a file that output is redirected to keeps what is
/// in it.
class AtomicFile {
 public:
  explicit AtomicFile(std::filesystem::path path);
  ~AtomicFile();  // without commit(): removes the temporary
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void write(const void* data, std::size_t size);
  void write(std::string_view text) { write(text.data(), text.size()); }
  /// Writes over the first bytes, with a header that says what followed. DataError where this is a pipe; see
  /// may_rewrite().
  void rewrite_start(std::string_view text);
  /// Whether it is a file, so that what was written can be replaced.
  bool may_rewrite() const;
  /// The same file as a stream without a buffer. It throws what write() throws.
  std::ostream& stream() { return stream_; }
  void commit();

 private:
  class Buffer final : public std::streambuf {
   public:
    explicit Buffer(AtomicFile& file) : file_(file) {}

   private:
    std::streamsize xsputn(const char* text, std::streamsize size) override;
    int_type overflow(int_type c) override;
    AtomicFile& file_;
  };

  void take_name();
  [[noreturn]] void fail(const std::string& doing) const;
  std::filesystem::path path_;                // as it was given, for errors
  std::filesystem::path target_, temporary_;  // the latter empty where nothing is to be replaced
  int descriptor_ = -1;
  std::int64_t start_ = 0;  // where the first byte is; negative in a pipe
  bool nameless_ = false;   // the temporary has no name yet
  Buffer buffer_{*this};
  std::ostream stream_{&buffer_};
};

/// AtomicFile for a text that is at hand.
void write_file(const std::filesystem::path& path, std::string_view text);

/// Waits until a file that another library wrote is on the disk. DataError when it cannot be.
void flush_file(const std::filesystem::path& path);

/// A path as an absolute one in one spelling: "photos", "./photos" and "photos/" are the same folder. Links
/// are not followed.
std::filesystem::path one_spelling(const std::filesystem::path& path);

/// Creates a folder and its parents; DataError naming the path when it cannot be.
void make_folder(const std::filesystem::path& path);

}  // namespace alexnet
