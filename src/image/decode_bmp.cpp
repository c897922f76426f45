// BMP by a reader of its own: all versions of Windows' and OS/2's headers, 1 to 32 bits, run lengths.
// Transparency is dropped.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdlib>
#include <utility>
#include <vector>

#include "alexnet/error.h"
#include "base/byte_order.h"
#include "image/decode_formats.h"

namespace alexnet {
namespace {

constexpr std::size_t kFileHeader = 14;
constexpr std::uint32_t kCoreHeader = 12, kOs2Header = 64;
// Two bytes are a run of 255 pixels. Four may skip 255 rows, which few images do.
constexpr double kRunPixelsPerByte = 8 * 128;

enum class Compression : std::uint32_t { kNone = 0, kRuns8 = 1, kRuns4 = 2, kMasks = 3, kAlphaMasks = 6 };

/// Where a pixel's value has the one of a channel.
struct Mask {
  std::uint32_t bits = 0;

  std::uint8_t channel_of(std::uint32_t pixel) const {
    if (bits == 0) return 0;
    const int shift = std::countr_zero(bits);
    const std::uint64_t max = bits >> shift, value = (pixel & bits) >> shift;
    return static_cast<std::uint8_t>(max == 255 ? value : value * 255 / max);
  }
};

struct Header {
  std::int64_t width = 0, height = 0;
  bool top_down = false;
  std::uint32_t bits = 0;
  Compression compression = Compression::kNone;
  std::array<Mask, 3> masks;                  // of more than 8 bits: red, green, blue
  std::array<std::uint8_t, 256 * 3> palette;  // of 8 bits or fewer: red, green, blue
  std::size_t pixels_at = 0;
};

bool has_runs(const Header& header) {
  return header.compression == Compression::kRuns8 || header.compression == Compression::kRuns4;
}

class HeaderReader {
 public:
  HeaderReader(std::span<const std::byte> bytes, const std::string& name) : bytes_(bytes), name_(name) {}

  Header read() const {
    Header header;
    const std::uint32_t size = number(kFileHeader, 4);
    read_sizes(size, header);
    check_kind(size, header);
    read_masks(size, header);
    read_palette(size, header);
    return header;
  }

 private:
  std::uint32_t number(std::size_t offset, std::size_t count) const {
    const auto value = read_number(bytes_, offset, count, std::endian::little);
    if (!value) throw_truncated(name_, "BMP");
    return *value;
  }

  void read_sizes(std::uint32_t size, Header& header) const {
    if (size == kCoreHeader) {
      header.width = number(18, 2);
      header.height = number(20, 2);
      header.bits = number(24, 2);
      return;
    }
    header.width = static_cast<std::int32_t>(number(18, 4));
    header.height = static_cast<std::int32_t>(number(22, 4));
    header.top_down = header.height < 0;
    header.height = std::abs(header.height);
    header.bits = number(28, 2);
    // The short version of OS/2's second header ends here.
    if (size >= 20) header.compression = static_cast<Compression>(number(30, 4));
  }

  void check_kind(std::uint32_t size, const Header& header) const {
    const auto fits = [&](std::initializer_list<std::uint32_t> bits) {
      return std::ranges::find(bits, header.bits) != bits.end();
    };
    bool known = false;
    switch (header.compression) {
      case Compression::kNone:
        known = fits({1, 2, 4, 8, 16, 24, 32});
        break;
      case Compression::kRuns8:
        known = fits({8});
        break;
      case Compression::kRuns4:
        known = fits({4});
        break;
      case Compression::kMasks:
      case Compression::kAlphaMasks:
        known = fits({16, 24, 32}) && size != kOs2Header;
        break;
    }
    if (!known)
      throw DataError(
          name_,
          fmt::format("is a BMP image of {} bits with compression {}, which this program does not read",
                      header.bits, static_cast<std::uint32_t>(header.compression)),
          "convert it to PNG");
  }

  // In the header of 40 bytes they follow, in longer ones they are at the same place.
  void read_masks(std::uint32_t size, Header& header) const {
    constexpr std::size_t kMasks = 54;
    header.masks = header.bits == 16 ? std::array{Mask{0x7c00}, Mask{0x3e0}, Mask{0x1f}}
                                     : std::array{Mask{0xff0000}, Mask{0xff00}, Mask{0xff}};
    if (size == kCoreHeader || header.compression == Compression::kNone || has_runs(header)) return;
    std::array<Mask, 3> masks;
    for (std::size_t c = 0; c < 3; ++c) masks[c].bits = number(kMasks + 4 * c, 4);
    if (std::ranges::any_of(masks, [](Mask mask) { return mask.bits != 0; })) header.masks = masks;
  }

  void read_palette(std::uint32_t size, Header& header) const {
    constexpr std::size_t kColours = 46;  // where the header tells how many there are
    header.palette.fill(0);
    header.pixels_at = number(10, 4);
    if (header.bits > 8) {
      if (header.pixels_at == 0) header.pixels_at = kFileHeader + size;
      return;
    }
    const std::size_t at = kFileHeader + size, entry = size == kCoreHeader ? 3 : 4;
    std::size_t count = size >= 40 ? number(kColours, 4) : 0;
    if (count == 0) count = std::size_t{1} << header.bits;
    // Some writers forget the palette in the place of the pixels.
    if (header.pixels_at == 0 || header.pixels_at == at) header.pixels_at = at + entry * count;
    for (std::size_t i = 0; i < std::min<std::size_t>(count, 256); ++i) {
      header.palette[3 * i] = static_cast<std::uint8_t>(number(at + entry * i + 2, 1));
      header.palette[3 * i + 1] = static_cast<std::uint8_t>(number(at + entry * i + 1, 1));
      header.palette[3 * i + 2] = static_cast<std::uint8_t>(number(at + entry * i, 1));
    }
  }

  std::span<const std::byte> bytes_;
  const std::string& name_;
};

/// Colour numbers of an image in runs, rows in the order of the file.
class RunReader {
 public:
  RunReader(std::span<const std::byte> bytes, const Header& header, const std::string& name)
      : bytes_(bytes),
        name_(name),
        nibbles_(header.compression == Compression::kRuns4),
        width_(static_cast<std::size_t>(header.width)),
        height_(static_cast<std::size_t>(header.height)),
        numbers_(width_ * height_) {}

  std::vector<std::uint8_t> read() {
    while (!is_full()) {
      const std::uint8_t count = next(), value = next();
      if (count > 0)
        put_run(count, value);
      else if (value == kEndOfImage)
        break;
      else if (value == kEndOfRow)
        x_ = 0, ++y_;
      else if (value == kSkip)
        x_ += next(), y_ += next();
      else
        put_values(value);
    }
    return std::move(numbers_);
  }

 private:
  static constexpr std::uint8_t kEndOfRow = 0, kEndOfImage = 1, kSkip = 2;

  /// The marks of the end may be missing.
  bool is_full() const {
    return y_ >= height_ || (at_ == bytes_.size() && y_ + 1 == height_ && x_ >= width_);
  }

  std::uint8_t next() {
    if (at_ == bytes_.size()) throw_truncated(name_, "BMP");
    return std::to_integer<std::uint8_t>(bytes_[at_++]);
  }

  void put(std::uint8_t number) {
    if (x_ < width_ && y_ < height_) numbers_[y_ * width_ + x_] = number;
    ++x_;
  }

  std::uint8_t half(std::uint8_t value, std::size_t i) const {
    return i % 2 == 0 ? static_cast<std::uint8_t>(value >> 4) : static_cast<std::uint8_t>(value & 15);
  }

  void put_run(std::size_t count, std::uint8_t value) {
    for (std::size_t i = 0; i < count; ++i) put(nibbles_ ? half(value, i) : value);
  }

  // Padded to an even number of bytes.
  void put_values(std::size_t count) {
    const std::size_t bytes = nibbles_ ? (count + 1) / 2 : count;
    for (std::size_t i = 0, b = 0; b < bytes; ++b) {
      const std::uint8_t value = next();
      for (const std::size_t end = std::min(count, nibbles_ ? i + 2 : i + 1); i < end; ++i)
        put(nibbles_ ? half(value, i) : value);
    }
    if (bytes % 2 != 0) next();
  }

  std::span<const std::byte> bytes_;
  const std::string& name_;
  bool nibbles_;
  std::size_t width_, height_, at_ = 0, x_ = 0, y_ = 0;
  std::vector<std::uint8_t> numbers_;
};

/// The colours of colour numbers of `bits` bits each, packed from the left.
void paint_numbers(const std::byte* packed, std::uint32_t bits, const Header& header,
                   std::span<std::uint8_t> rgb) {
  const std::size_t per_byte = 8 / bits;
  const unsigned largest = (1U << bits) - 1;
  for (std::size_t i = 0; i < rgb.size() / 3; ++i) {
    const unsigned shift = 8 - bits * static_cast<unsigned>(i % per_byte + 1);
    const unsigned number = std::to_integer<unsigned>(packed[i / per_byte]) >> shift & largest;
    std::copy_n(header.palette.data() + std::size_t{3} * number, 3, rgb.data() + 3 * i);
  }
}

void paint_values(std::span<const std::byte> packed, const Header& header, std::span<std::uint8_t> rgb) {
  const std::size_t bytes = header.bits / 8;
  for (std::size_t i = 0; i < rgb.size() / 3; ++i) {
    const std::uint32_t pixel = *read_number(packed, i * bytes, bytes, std::endian::little);
    for (std::size_t c = 0; c < 3; ++c) rgb[3 * i + c] = header.masks[c].channel_of(pixel);
  }
}

}  // namespace

StoredImage decode_bmp(std::span<const std::byte> bytes, int channels, const std::string& name) {
  const Header header = HeaderReader(bytes, name).read();
  const bool runs = has_runs(header);
  if (header.pixels_at > bytes.size()) throw_truncated(name, "BMP");
  std::span<const std::byte> pixels = bytes.subspan(header.pixels_at);
  Image image = new_image(header.width, header.height, channels, pixels.size(),
                          runs ? kRunPixelsPerByte : 8.0 / header.bits, name);
  std::vector<std::uint8_t> numbers;
  if (runs) {
    numbers = RunReader(pixels, header, name).read();
    pixels = std::as_bytes(std::span(numbers));
  }
  const auto width = static_cast<std::size_t>(header.width);
  const std::size_t row_bits = width * (runs ? 8 : header.bits);
  const std::size_t row_bytes = runs ? width : (row_bits + 31) / 32 * 4;
  std::vector<std::uint8_t> rgb(3 * width);
  for (int row = 0; row < image.height; ++row) {
    const std::size_t at = static_cast<std::size_t>(row) * row_bytes;
    // The padding of the last row may be missing.
    if (at + (row_bits + 7) / 8 > pixels.size()) throw_truncated(name, "BMP");
    if (header.bits > 8)
      paint_values(pixels.subspan(at), header, rgb);
    else
      paint_numbers(pixels.data() + at, runs ? 8 : header.bits, header, rgb);
    put_pixels(image, 0, header.top_down ? row : image.height - 1 - row, rgb, 3);
  }
  return {std::move(image), 1};
}

}  // namespace alexnet
