// A list of file names on its way in, on standard input.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

namespace alexnet::cli {

/// Names as they arrive on a file descriptor: one a line (lines may end in CR LF), or each with a NUL behind
/// it ("find -print0"), which is recognised by what comes first. UTF-8, with or without a byte-order mark, or
/// UTF-16 with one. Only what was read last is in memory.
class NameList {
 public:
  explicit NameList(int descriptor) : descriptor_(descriptor) {}

  /// The next name, never an empty one; none at the end. Waits for it. DataError when the list cannot be
  /// read, is an image itself, or holds a name of more than 64 kB.
  std::optional<std::string> next();
  /// Whether next() answers without waiting. DataError as next().
  bool ready();

 private:
  enum class Encoding { kUnknown, kUtf8, kUtf16Little, kUtf16Big };

  bool find();
  std::optional<std::string> cut();
  bool has_input() const;
  void read();
  void recognise();
  void decode();
  void decode_unit(unsigned unit);

  const int descriptor_;
  Encoding encoding_ = Encoding::kUnknown;
  std::string raw_;           // read, and not decoded
  std::string text_;          // UTF-8, of which no name was cut
  std::size_t searched_ = 0;  // of text_, without a separator
  std::optional<char> separator_;
  unsigned lead_ = 0;  // the first half of a character of UTF-16
  std::optional<std::string> found_;
  bool ended_ = false;
};

}  // namespace alexnet::cli
