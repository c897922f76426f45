// The entries of an archive, one after the other.
#pragma once

#include <archive.h>
#include <archive_entry.h>

#include <cstddef>
#include <memory>
#include <span>
#include <string>

#include "alexnet/bytes.h"

namespace alexnet {

/// A .zip, or a .tar, plain or packed with gzip, bzip2, xz or zstd. Names are read as UTF-8.
class ArchiveReader {
 public:
  /// `file` must outlive it. DataError when it is no archive.
  explicit ArchiveReader(const Bytes& file);
  ~ArchiveReader();
  ArchiveReader(const ArchiveReader&) = delete;
  ArchiveReader& operator=(const ArchiveReader&) = delete;

  /// The next entry; null behind the last one. DataError when the archive is damaged, cut short or encrypted.
  archive_entry* next();

  struct Block {
    std::span<const std::byte> bytes;
    std::size_t offset = 0;  // in the entry
  };
  /// The next bytes of the entry, which hold until the next call; those of plain entries lie in the file
  /// itself. False behind the last ones. DataError.
  bool next_block(Block& block);

 private:
  class Unpacked;
  [[noreturn]] void fail() const;

  const Bytes& file_;
  std::unique_ptr<Unpacked> unpacked_;  // of gzip
  struct Close {
    void operator()(archive* a) const { archive_read_free(a); }
  };
  std::unique_ptr<archive, Close> archive_;
  archive_entry* entry_ = nullptr;
  bool first_ = true;
};

}  // namespace alexnet
