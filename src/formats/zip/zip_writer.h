// Zip archives whose entries are not compressed, as those of PyTorch and Keras are.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <span>
#include <string>
#include <string_view>

struct archive;

namespace alexnet {

/// Writes entries one after the other. Every entry gets the same date, so that equal contents are equal
/// files. DataError naming the file when it cannot be written.
class ZipWriter {
 public:
  ZipWriter(std::ostream& out, std::string file);
  ~ZipWriter();
  ZipWriter(const ZipWriter&) = delete;
  ZipWriter& operator=(const ZipWriter&) = delete;

  /// Begins an entry of `size` bytes, which write() then gets.
  void begin(const std::string& entry, std::uint64_t size);
  void write(std::span<const std::byte> bytes);
  /// A whole entry.
  void add(const std::string& entry, std::string_view content);
  /// Writes the directory.
  void finish();

 private:
  void require(int result);

  std::ostream& out_;
  std::string file_;
  archive* archive_;
};

}  // namespace alexnet
