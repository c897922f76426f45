#include "data/files/archive_reader.h"

#include <locale.h>

#include <algorithm>
#include <cerrno>
#include <exception>
#include <utility>
#include <vector>

#include "alexnet/error.h"
#include "data/files/gzip.h"

namespace alexnet {
namespace {

std::string error_of(archive* a) {
  const char* text = archive_error_string(a);
  return text == nullptr ? "" : text;
}

/// libarchive converts names to the encoding of the thread's locale.
class Utf8Names {
 public:
  Utf8Names()
      : utf8_(::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr)),
        before_(utf8_ == nullptr ? nullptr : ::uselocale(utf8_)) {}
  ~Utf8Names() {
    if (utf8_ == nullptr) return;
    ::uselocale(before_);
    ::freelocale(utf8_);
  }
  Utf8Names(const Utf8Names&) = delete;
  Utf8Names& operator=(const Utf8Names&) = delete;

 private:
  locale_t utf8_, before_;
};

}  // namespace

/// What a gzip file holds. libarchive would not check its checksum.
class ArchiveReader::Unpacked {
 public:
  explicit Unpacked(const Bytes& file) : source_(file.data, file.name) {}

  int open(archive* a) { return archive_read_open(a, this, nullptr, read, nullptr); }

  /// Throws what was wrong with the packed bytes, if anything.
  void check() const {
    if (failure_) std::rethrow_exception(failure_);
  }
  /// Reads what lies behind the archive's end: the checksum comes last.
  void finish() {
    while (source_.read(buffer_) > 0) continue;
  }

 private:
  static la_ssize_t read(archive* a, void* self, const void** bytes) {
    auto& unpacked = *static_cast<Unpacked*>(self);
    *bytes = unpacked.buffer_.data();
    try {
      return static_cast<la_ssize_t>(unpacked.source_.read(unpacked.buffer_));
    } catch (...) {
      unpacked.failure_ = std::current_exception();
      archive_set_error(a, EIO, "damaged gzip data");
      return -1;
    }
  }

  Gunzip source_;
  std::vector<std::byte> buffer_ = std::vector<std::byte>(std::size_t{256} << 10);
  std::exception_ptr failure_;
};

ArchiveReader::~ArchiveReader() = default;

ArchiveReader::ArchiveReader(const Bytes& file) : file_(file), archive_(archive_read_new()) {
  archive* a = archive_.get();
  archive_read_support_format_tar(a);
  archive_read_support_format_zip(a);
  archive_read_support_filter_bzip2(a);
  archive_read_support_filter_xz(a);
  archive_read_support_filter_zstd(a);
  const Utf8Names names;
  if (is_gzip(file.data)) unpacked_ = std::make_unique<Unpacked>(file);
  int status =
      unpacked_ ? unpacked_->open(a) : archive_read_open_memory(a, file.data.data(), file.data.size());
  if (status == ARCHIVE_OK) status = archive_read_next_header(a, &entry_);
  if (status == ARCHIVE_EOF) entry_ = nullptr;
  if (status == ARCHIVE_OK || status == ARCHIVE_WARN || status == ARCHIVE_EOF) return;
  if (unpacked_) unpacked_->check();
  throw DataError(file.name,
                  "is not a data set: expected a folder, an IDX image file, a .zip or .tar archive or a .csv "
                  "list (" +
                      error_of(a) + ")",
                  "name one of these");
}

archive_entry* ArchiveReader::next() {
  const Utf8Names names;
  if (!std::exchange(first_, false)) {
    const int status = archive_read_next_header(archive_.get(), &entry_);
    if (status == ARCHIVE_EOF)
      entry_ = nullptr;
    else if (status != ARCHIVE_OK && status != ARCHIVE_WARN)
      fail();
  }
  if (entry_ == nullptr) {
    if (unpacked_) unpacked_->finish();
    return nullptr;
  }
  if (archive_entry_is_encrypted(entry_) != 0)
    throw DataError(file_.name, "is encrypted", "unpack it with its password, and name the folder");
  return entry_;
}

bool ArchiveReader::next_block(Block& block) {
  const void* bytes = nullptr;
  std::size_t length = 0;
  la_int64_t offset = 0;
  const int status = archive_read_data_block(archive_.get(), &bytes, &length, &offset);
  if (status == ARCHIVE_EOF) return false;
  if (status != ARCHIVE_OK || offset < 0) fail();
  block = {{static_cast<const std::byte*>(bytes), length}, static_cast<std::size_t>(offset)};
  return true;
}

void ArchiveReader::fail() const {
  if (unpacked_) unpacked_->check();
  throw DataError(file_.name, "is damaged or truncated (" + error_of(archive_.get()) + ")",
                  "make or copy the archive again");
}

}  // namespace alexnet
