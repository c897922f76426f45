// A list of file names on its way in, on standard input.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "text/decoding.h"

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
  bool find();
  std::optional<std::string> cut();
  bool has_input() const;
  void read();
  void recognise(std::string_view bytes);

  const int descriptor_;
  std::string start_;                   // read before the encoding was known
  std::optional<TextDecoder> decoder_;  // once it is
  std::string text_;                    // UTF-8, of which no name was cut
  std::size_t searched_ = 0;            // of text_, without a separator
  std::optional<char> separator_;
  std::optional<std::string> found_;
  bool ended_ = false;
};

}  // namespace alexnet::cli
