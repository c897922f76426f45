// PNM by a reader of its own: PBM, PGM and PPM, as text and in bytes. Values are scaled to 8 bits; Pillow
// clips gray ones of more than 8 bits instead, and so makes them white.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <string_view>
#include <utility>
#include <vector>

#include "alexnet/error.h"
#include "image/decode_formats.h"

namespace alexnet {
namespace {

class PnmReader {
 public:
  PnmReader(std::span<const std::byte> bytes, const std::string& name)
      : content_(reinterpret_cast<const char*>(bytes.data()), bytes.size()), name_(name) {}

  /// The next byte.
  unsigned byte() {
    if (at_ == content_.size()) throw_truncated(name_, "PNM");
    return static_cast<std::uint8_t>(content_[at_++]);
  }

  /// The next number of the text, and the one byte of white space behind it.
  unsigned number() {
    skip_space();
    unsigned value = digit(), digits = 1;
    for (; at_ < content_.size() && !is_space(content_[at_]) && content_[at_] != '#'; ++digits) {
      if (digits == kMaxDigits) fail("a number is too long");
      value = 10 * value + digit();
    }
    if (at_ < content_.size() && content_[at_] != '#') ++at_;
    return value;
  }

  /// The next 0 or 1 of the text; white space between them may be missing.
  unsigned bit() {
    skip_space();
    const unsigned value = digit();
    if (value > 1) fail("a pixel is not 0 or 1");
    return value;
  }

  std::size_t left() const { return content_.size() - at_; }

  [[noreturn]] void fail(std::string_view problem) const {
    throw DataError(name_, fmt::format("is a broken PNM ({})", problem));
  }

 private:
  static constexpr unsigned kMaxDigits = 9;

  static bool is_space(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

  void skip_space() {
    while (at_ < content_.size() && (is_space(content_[at_]) || content_[at_] == '#'))
      if (content_[at_++] == '#') at_ = std::min(content_.find_first_of("\r\n", at_), content_.size());
  }

  unsigned digit() {
    const unsigned value = byte() - '0';
    if (value > 9) fail("a number is not one");
    return value;
  }

  std::string_view content_;
  const std::string& name_;
  std::size_t at_ = 0;
};

struct Header {
  bool text = false;  // numbers are text
  bool bits = false;  // a number is one bit, and 1 is black
  int channels = 1;
  std::int64_t width = 0, height = 0;
  unsigned max = 1;
};

Header read_header(PnmReader& reader) {
  reader.byte();  // 'P'
  const unsigned digit = reader.byte() - '0', sort = (digit - 1) % 3;
  Header header;
  header.text = digit <= 3;
  header.bits = sort == 0;
  header.channels = sort == 2 ? 3 : 1;
  header.width = reader.number();
  header.height = reader.number();
  if (!header.bits) header.max = reader.number();
  if (header.max < 1 || header.max > 65535) reader.fail("its largest value is not 1 to 65535");
  return header;
}

/// How many pixels a byte holds at most.
double density(const Header& header) {
  if (header.bits) return header.text ? 1 : 8;
  return 1.0 / header.channels / (header.text || header.max > 255 ? 2 : 1);
}

/// value / max * 255, for all values.
std::vector<std::uint8_t> scale_of(unsigned max) {
  std::vector<std::uint8_t> scale(max + 1);
  for (unsigned value = 0; value <= max; ++value)
    scale[value] = static_cast<std::uint8_t>(std::nearbyint(static_cast<double>(value) / max * 255));
  return scale;
}

void read_bits(PnmReader& reader, const Header& header, std::vector<std::uint8_t>& row) {
  unsigned eight = 0;
  for (std::size_t i = 0; i < row.size(); ++i) {
    if (!header.text && i % 8 == 0) eight = reader.byte();
    const unsigned black = header.text ? reader.bit() : eight >> (7 - i % 8) & 1;
    row[i] = black != 0 ? 0 : 255;
  }
}

void read_values(PnmReader& reader, const Header& header, const std::vector<std::uint8_t>& scale,
                 std::vector<std::uint8_t>& row) {
  for (std::uint8_t& to : row) {
    unsigned value = header.text ? reader.number() : reader.byte();
    if (!header.text && header.max > 255) value = value << 8 | reader.byte();
    if (value > header.max && header.text) reader.fail("a value is larger than the largest");
    to = scale[std::min(value, header.max)];
  }
}

}  // namespace

StoredImage decode_pnm(std::span<const std::byte> bytes, int channels, const std::string& name) {
  PnmReader reader(bytes, name);
  const Header header = read_header(reader);
  // The white space behind the last number of a text may be missing.
  Image image = new_image(header.width, header.height, channels, reader.left() + 1, density(header), name);
  const std::vector<std::uint8_t> scale = scale_of(header.max);
  std::vector<std::uint8_t> row(static_cast<std::size_t>(header.width) *
                                static_cast<std::size_t>(header.channels));
  for (int y = 0; y < image.height; ++y) {
    if (header.bits)
      read_bits(reader, header, row);
    else
      read_values(reader, header, scale, row);
    put_pixels(image, 0, y, row, header.channels);
  }
  return {std::move(image), 1};
}

}  // namespace alexnet
