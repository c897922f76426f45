#include "formats/zip/zip_writer.h"

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

#include <ctime>
#include <memory>
#include <new>
#include <ostream>
#include <utility>

#include "alexnet/error.h"

namespace alexnet {
namespace {

la_ssize_t write_to_stream(archive*, void* out, const void* data, std::size_t size) {
  auto& stream = *static_cast<std::ostream*>(out);
  stream.write(static_cast<const char*>(data), static_cast<std::streamsize>(size));
  return stream ? static_cast<la_ssize_t>(size) : -1;
}

}  // namespace

ZipWriter::ZipWriter(std::ostream& out, std::string file)
    : out_(out), file_(std::move(file)), archive_(archive_write_new()) {
  if (archive_ == nullptr) throw std::bad_alloc();
  require(archive_write_set_format_zip(archive_));
  require(archive_write_set_options(archive_, "zip:compression=store"));
  require(archive_write_set_bytes_in_last_block(archive_, 1));  // no padding
  require(archive_write_open(archive_, &out_, nullptr, write_to_stream, nullptr));
}

ZipWriter::~ZipWriter() { archive_write_free(archive_); }

void ZipWriter::begin(const std::string& entry, std::uint64_t size) {
  constexpr int kMode = 0644;
  constexpr std::time_t kDate = 946'728'000;  // 1 January 2000, noon
  const std::unique_ptr<archive_entry, decltype(&archive_entry_free)> header(archive_entry_new(),
                                                                             archive_entry_free);
  archive_entry_set_pathname(header.get(), entry.c_str());
  archive_entry_set_size(header.get(), static_cast<la_int64_t>(size));
  archive_entry_set_filetype(header.get(), AE_IFREG);
  archive_entry_set_perm(header.get(), kMode);
  archive_entry_set_mtime(header.get(), kDate, 0);
  require(archive_write_header(archive_, header.get()));
}

void ZipWriter::write(std::span<const std::byte> bytes) {
  if (archive_write_data(archive_, bytes.data(), bytes.size()) != static_cast<la_ssize_t>(bytes.size()))
    require(ARCHIVE_FATAL);
}

void ZipWriter::add(const std::string& entry, std::string_view content) {
  begin(entry, content.size());
  write(std::as_bytes(std::span(content)));
}

void ZipWriter::finish() { require(archive_write_close(archive_)); }

void ZipWriter::require(int result) {
  if (result == ARCHIVE_OK) return;
  const char* reason = archive_error_string(archive_);
  throw DataError(file_, reason == nullptr ? std::string("cannot be written")
                                           : fmt::format("cannot be written: {}", reason));
}

}  // namespace alexnet
