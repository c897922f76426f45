#include "text/decoding.h"

#include <array>
#include <utility>

namespace alexnet {
namespace {

using namespace std::string_view_literals;

constexpr std::array kMarks = {std::pair("\xef\xbb\xbf"sv, TextEncoding::kUtf8),
                               std::pair("\xff\xfe"sv, TextEncoding::kUtf16Little),
                               std::pair("\xfe\xff"sv, TextEncoding::kUtf16Big)};

void append_utf8(std::string& text, unsigned character) {
  const auto put = [&](unsigned byte) { text += static_cast<char>(byte); };
  if (character < 0x80) {
    put(character);
    return;
  }
  if (character < 0x800) {
    put(0xC0 | character >> 6);
  } else {
    if (character < 0x10000) {
      put(0xE0 | character >> 12);
    } else {
      put(0xF0 | character >> 18);
      put(0x80 | (character >> 12 & 0x3F));
    }
    put(0x80 | (character >> 6 & 0x3F));
  }
  put(0x80 | (character & 0x3F));
}

}  // namespace

std::optional<ByteOrderMark> byte_order_mark(std::string_view start, bool more_follow) {
  for (const auto& [mark, encoding] : kMarks) {
    if (start.starts_with(mark)) return ByteOrderMark{encoding, mark.size()};
    if (more_follow && mark.starts_with(start)) return std::nullopt;
  }
  return ByteOrderMark{};
}

void TextDecoder::decode(std::string_view bytes, std::string& text) {
  if (encoding_ == TextEncoding::kUtf8) {
    text += bytes;
    return;
  }
  for (const char c : bytes) {
    const unsigned byte = static_cast<unsigned char>(c);
    if (const auto first = std::exchange(first_byte_, std::nullopt))
      decode_unit(encoding_ == TextEncoding::kUtf16Little ? *first | byte << 8 : *first << 8 | byte, text);
    else
      first_byte_ = byte;
  }
}

void TextDecoder::decode_unit(unsigned unit, std::string& text) {
  constexpr unsigned kReplacement = 0xFFFD;
  const bool is_lead = unit >= 0xD800 && unit < 0xDC00, is_trail = unit >= 0xDC00 && unit < 0xE000;
  const unsigned lead = std::exchange(lead_, 0);
  if (lead != 0 && is_trail) {
    append_utf8(text, 0x10000 + ((lead - 0xD800) << 10) + (unit - 0xDC00));
    return;
  }
  if (lead != 0) append_utf8(text, kReplacement);
  if (is_lead)
    lead_ = unit;
  else
    append_utf8(text, is_trail ? kReplacement : unit);
}

std::string to_utf8(std::string_view text) {
  const ByteOrderMark mark = *byte_order_mark(text, false);
  std::string utf8;
  TextDecoder(mark.encoding).decode(text.substr(mark.bytes), utf8);
  return utf8;
}

}  // namespace alexnet
