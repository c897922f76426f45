// Text of other programs as UTF-8: lists of files come in UTF-16 too.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace alexnet {

enum class TextEncoding { kUtf8, kUtf16Little, kUtf16Big };

/// What a text that begins so is written in, by its byte-order mark.
struct ByteOrderMark {
  TextEncoding encoding = TextEncoding::kUtf8;
  std::size_t bytes = 0;  // of the mark; 0: there is none, and the text is taken as UTF-8
};
/// Nothing where `start` may yet become a mark, if more bytes follow it.
std::optional<ByteOrderMark> byte_order_mark(std::string_view start, bool more_follow);

/// Turns a text into UTF-8, piece by piece. Halves of characters without their other half become U+FFFD;
/// UTF-8 stays as it is.
class TextDecoder {
 public:
  explicit TextDecoder(TextEncoding encoding) : encoding_(encoding) {}

  /// Appends what the bytes that follow say, as far as whole characters of it are there.
  void decode(std::string_view bytes, std::string& text);

 private:
  void decode_unit(unsigned unit, std::string& text);

  TextEncoding encoding_;
  std::optional<unsigned> first_byte_;  // of a unit
  unsigned lead_ = 0;                   // the first half of a character of two units
};

/// A whole text, without its byte-order mark.
std::string to_utf8(std::string_view text);

}  // namespace alexnet
