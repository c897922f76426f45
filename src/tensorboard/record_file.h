// A file of records that only grows: TensorFlow's TFRecord format.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>

namespace alexnet {

/// CRC-32C (Castagnoli, RFC 3720), rotated and shifted as TFRecord stores it: a checksum over data that
/// itself holds checksums would be weak otherwise.
std::uint32_t masked_crc32c(std::string_view bytes);

/// Each record is length (8 bytes), masked CRC-32C of those (4), data, masked CRC-32C of the data (4), little
/// endian, and is written with one system call: what a kill leaves is whole records and at most one torn end,
/// at which readers stop.
class RecordFile {
 public:
  /// A new file; DataError when there is one of that name already or it cannot be made.
  explicit RecordFile(std::filesystem::path path);
  ~RecordFile();
  RecordFile(const RecordFile&) = delete;
  RecordFile& operator=(const RecordFile&) = delete;

  /// DataError when it cannot be written (a full disk).
  void append(std::string_view record);

 private:
  [[noreturn]] void fail() const;

  std::filesystem::path path_;
  int descriptor_ = -1;
};

}  // namespace alexnet
