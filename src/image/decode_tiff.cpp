// TIFF by libtiff: the first image of a file. Transparency is dropped; of 16 bits, the upper 8 are taken:
// what Pillow does, save for gray, which Pillow clips at 255 and so makes white.
#include <fmt/format.h>
#include <tiffio.h>

#include <algorithm>
#include <array>
#include <bit>
#include <limits>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "alexnet/error.h"
#include "image/decode_formats.h"
#include "image/tiff_file.h"

namespace alexnet {
namespace {

constexpr int kMaxSamples = 64;  // per pixel; satellites have some dozens

struct Layout {
  std::uint32_t width, height;
  std::uint16_t bits, samples, photometric, compression, format;
  bool separate;        // each channel by itself, not pixel by pixel
  std::size_t colours;  // samples that make the colour of a pixel, the first ones
  bool multiplied;      // by the sample behind them, the alpha
};

/// 0 where libtiff knows the colours and we do not.
std::size_t colour_samples(std::uint16_t photometric) {
  switch (photometric) {
    case PHOTOMETRIC_MINISWHITE:
    case PHOTOMETRIC_MINISBLACK:
    case PHOTOMETRIC_PALETTE:
      return 1;
    case PHOTOMETRIC_RGB:
      return 3;
    case PHOTOMETRIC_SEPARATED:
      return 4;
    default:
      return 0;
  }
}

bool has_associated_alpha(const TiffFile& tiff, const Layout& layout) {
  std::uint16_t count = 0;
  std::uint16_t* kinds = nullptr;
  return TIFFGetFieldDefaulted(tiff, TIFFTAG_EXTRASAMPLES, &count, &kinds) != 0 && count > 0 &&
         kinds[0] == EXTRASAMPLE_ASSOCALPHA && layout.colours + count == layout.samples;
}

Layout read_layout(const TiffFile& tiff) {
  Layout layout{};
  layout.width = tiff.find<std::uint32_t>(TIFFTAG_IMAGEWIDTH).value_or(0);
  layout.height = tiff.find<std::uint32_t>(TIFFTAG_IMAGELENGTH).value_or(0);
  layout.bits = tiff.find<std::uint16_t>(TIFFTAG_BITSPERSAMPLE).value_or(1);
  layout.samples = tiff.find<std::uint16_t>(TIFFTAG_SAMPLESPERPIXEL).value_or(1);
  layout.photometric = tiff.find<std::uint16_t>(TIFFTAG_PHOTOMETRIC).value_or(PHOTOMETRIC_MINISWHITE);
  layout.compression = tiff.find<std::uint16_t>(TIFFTAG_COMPRESSION).value_or(COMPRESSION_NONE);
  layout.format = tiff.find<std::uint16_t>(TIFFTAG_SAMPLEFORMAT).value_or(SAMPLEFORMAT_UINT);
  layout.separate = tiff.find<std::uint16_t>(TIFFTAG_PLANARCONFIG) == std::uint16_t{PLANARCONFIG_SEPARATE};
  if (layout.photometric == PHOTOMETRIC_YCBCR && layout.compression == COMPRESSION_JPEG && !layout.separate) {
    tiff.check(TIFFSetField(tiff, TIFFTAG_JPEGCOLORMODE, JPEGCOLORMODE_RGB) != 0);
    layout.photometric = layout.samples == 1 ? PHOTOMETRIC_MINISBLACK : PHOTOMETRIC_RGB;
  }
  layout.colours = colour_samples(layout.photometric);
  layout.multiplied = has_associated_alpha(tiff, layout);
  return layout;
}

/// How many bytes one byte of a file can become at most.
double max_expansion(std::uint16_t compression) {
  switch (compression) {
    case COMPRESSION_NONE:
      return 1;
    case COMPRESSION_PACKBITS:
      return 64;
    case COMPRESSION_LZW:
      return 3800.0 * 8 / 9;  // a code of 9 bits stands for what the 3,800 codes before it have built
    case COMPRESSION_DEFLATE:
    case COMPRESSION_ADOBE_DEFLATE:
      return 1032;
    default:
      return std::numeric_limits<double>::infinity();
  }
}

/// Packed samples of any number of bits to 8 bits each; numbers of colours stay what they are.
class Unpacker {
 public:
  Unpacker(std::uint16_t bits, bool scale) : bits_(bits), scale_(scale && bits < 8) {}

  std::uint8_t sample(const std::uint8_t* row, std::size_t i) const {
    if (bits_ == 8) return row[i];
    if (bits_ % 8 == 0) {  // libtiff gives whole bytes in the order of the processor
      const std::size_t bytes = bits_ / 8;
      return row[i * bytes + (std::endian::native == std::endian::little ? bytes - 1 : 0)];
    }
    unsigned value = 0;
    for (std::size_t bit = i * bits_; bit < (i + 1) * bits_; ++bit)
      value = value << 1 | (row[bit / 8] >> (7 - bit % 8) & 1U);
    if (scale_) return static_cast<std::uint8_t>(value * 255 / ((1U << bits_) - 1));
    return static_cast<std::uint8_t>(bits_ > 8 ? value >> (bits_ - 8) : value);
  }

 private:
  std::size_t bits_;
  bool scale_;
};

/// Samples of an image, pixel by pixel, without those that are not needed.
class SampleReader {
 public:
  SampleReader(const TiffFile& tiff, const Layout& layout, std::size_t needed)
      : tiff_(tiff),
        layout_(layout),
        needed_(needed),
        unpacker_(layout.bits, layout.photometric != PHOTOMETRIC_PALETTE),
        samples_(std::size_t{layout.width} * layout.height * needed) {}

  std::vector<std::uint8_t> read() {
    for (std::size_t plane = 0; plane < (layout_.separate ? needed_ : 1); ++plane)
      if (TIFFIsTiled(tiff_) != 0)
        read_tiles(plane);
      else
        read_rows(plane);
    return std::move(samples_);
  }

 private:
  void read_rows(std::size_t plane) {
    std::vector<std::uint8_t> row(block_size(TIFFScanlineSize(tiff_)));
    for (std::uint32_t y = 0; y < layout_.height; ++y) {
      tiff_.check(TIFFReadScanline(tiff_, row.data(), y, static_cast<std::uint16_t>(plane)) == 1);
      unpack(row.data(), 0, y, layout_.width, plane);
    }
  }

  void read_tiles(std::size_t plane) {
    const std::uint32_t wide = tiff_.find<std::uint32_t>(TIFFTAG_TILEWIDTH).value_or(0);
    const std::uint32_t high = tiff_.find<std::uint32_t>(TIFFTAG_TILELENGTH).value_or(0);
    const auto row = static_cast<std::size_t>(TIFFTileRowSize(tiff_));
    std::vector<std::uint8_t> tile(block_size(TIFFTileSize(tiff_)));
    if (wide == 0 || high == 0 || row * high > tile.size()) tiff_.fail();
    for (std::uint32_t top = 0; top < layout_.height; top += std::min(high, layout_.height - top))
      for (std::uint32_t left = 0; left < layout_.width; left += std::min(wide, layout_.width - left)) {
        tiff_.check(TIFFReadTile(tiff_, tile.data(), left, top, 0, static_cast<std::uint16_t>(plane)) > 0);
        for (std::uint32_t y = 0; y < std::min(high, layout_.height - top); ++y)
          unpack(tile.data() + y * row, left, top + y, std::min(wide, layout_.width - left), plane);
      }
  }

  std::size_t block_size(tmsize_t size) const {
    if (size <= 0) tiff_.fail();
    if (size > TiffFile::kMaxBlock) tiff_.refuse("of blocks of more than a gigabyte");
    return static_cast<std::size_t>(size);
  }

  void unpack(const std::uint8_t* packed, std::size_t x, std::size_t y, std::size_t count,
              std::size_t plane) {
    std::uint8_t* to = samples_.data() + (y * layout_.width + x) * needed_;
    const bool whole = !layout_.separate && layout_.samples == needed_;
    if (whole && layout_.bits == 8) {
      std::copy_n(packed, count * needed_, to);
      return;
    }
    for (std::size_t i = 0; i < count; ++i, to += needed_)
      if (layout_.separate)
        to[plane] = unpacker_.sample(packed, i);
      else
        for (std::size_t s = 0; s < needed_; ++s) to[s] = unpacker_.sample(packed, i * layout_.samples + s);
  }

  const TiffFile& tiff_;
  const Layout& layout_;
  std::size_t needed_;
  Unpacker unpacker_;
  std::vector<std::uint8_t> samples_;
};

/// Samples of one row to gray or to red, green, blue.
class Painter {
 public:
  Painter(const TiffFile& tiff, const Layout& layout, std::size_t samples)
      : photometric_(layout.photometric),
        samples_(samples),
        colours_(layout.colours),
        multiplied_(layout.multiplied) {
    if (photometric_ == PHOTOMETRIC_PALETTE) read_palette(tiff, layout.bits);
  }

  /// Of the pixels that it paints.
  int channels() const {
    return photometric_ == PHOTOMETRIC_MINISWHITE || photometric_ == PHOTOMETRIC_MINISBLACK ? 1 : 3;
  }

  std::span<const std::uint8_t> paint(std::span<std::uint8_t> row) {
    const std::size_t count = row.size() / samples_;
    if (multiplied_) divide_by_alpha(row);
    if (photometric_ == PHOTOMETRIC_PALETTE) {
      painted_.resize(3 * count);
      for (std::size_t i = 0; i < count; ++i)
        std::copy_n(palette_.data() + std::size_t{3} * row[i * samples_], 3, painted_.data() + 3 * i);
    } else if (photometric_ == PHOTOMETRIC_SEPARATED) {
      keep_first(row, 4);
      inks_ = painted_;
      painted_.resize(3 * count);
      cmyk_to_rgb(inks_.data(), count, painted_.data());
    } else {
      keep_first(row, static_cast<std::size_t>(channels()));
      if (photometric_ == PHOTOMETRIC_MINISWHITE)
        for (std::uint8_t& value : painted_) value = static_cast<std::uint8_t>(255 - value);
    }
    return painted_;
  }

 private:
  // Of 16 bits; in some files of 8, as libtiff tells them apart.
  void read_palette(const TiffFile& tiff, std::uint16_t bits) {
    std::array<std::uint16_t*, 3> tables{};
    tiff.check(TIFFGetField(tiff, TIFFTAG_COLORMAP, &tables[0], &tables[1], &tables[2]) != 0);
    const std::size_t count = std::size_t{1} << bits;
    bool wide = false;
    for (const std::uint16_t* table : tables)
      wide = wide || std::any_of(table, table + count, [](std::uint16_t value) { return value > 255; });
    for (std::size_t i = 0; i < count; ++i)
      for (std::size_t c = 0; c < 3; ++c)
        palette_[3 * i + c] = static_cast<std::uint8_t>(wide ? tables[c][i] >> 8 : tables[c][i]);
  }

  void divide_by_alpha(std::span<std::uint8_t> row) const {
    for (std::size_t at = 0; at < row.size(); at += samples_) {
      const int alpha = row[at + colours_];
      for (std::size_t s = at; s < at + colours_; ++s)
        row[s] = static_cast<std::uint8_t>(alpha == 0 ? 0 : std::min(row[s] * 255 / alpha, 255));
    }
  }

  void keep_first(std::span<const std::uint8_t> row, std::size_t kept) {
    painted_.resize(row.size() / samples_ * kept);
    std::uint8_t* to = painted_.data();
    for (std::size_t at = 0; at < row.size(); at += samples_) to = std::copy_n(row.data() + at, kept, to);
  }

  std::uint16_t photometric_;
  std::size_t samples_, colours_;
  bool multiplied_;
  std::array<std::uint8_t, 256 * 3> palette_{};
  std::vector<std::uint8_t> painted_, inks_;
};

void read_samples(const TiffFile& tiff, const Layout& layout, Image& image) {
  const std::size_t needed = layout.colours + (layout.multiplied ? 1 : 0);
  if (layout.samples < layout.colours) tiff.refuse("of too few channels");
  if (layout.photometric == PHOTOMETRIC_PALETTE && layout.bits > 8) tiff.refuse("with a palette of 16 bits");
  std::vector<std::uint8_t> samples = SampleReader(tiff, layout, needed).read();
  Painter painter(tiff, layout, needed);
  const std::size_t row = needed * layout.width;
  for (int y = 0; y < image.height; ++y)
    put_pixels(image, 0, y, painter.paint(std::span(samples).subspan(static_cast<std::size_t>(y) * row, row)),
               painter.channels());
}

struct EndRgba {
  void operator()(TIFFRGBAImage* image) const { TIFFRGBAImageEnd(image); }
};

// YCbCr, L*a*b* and others, by libtiff's own conversion.
void read_converted(const TiffFile& tiff, Image& image) {
  TIFFRGBAImage converter{};
  std::array<char, 1024> why{};  // as long as libtiff wants it
  if (TIFFRGBAImageOK(tiff, why.data()) == 0) tiff.refuse(fmt::format("({})", why.data()));
  tiff.check(TIFFRGBAImageBegin(&converter, tiff, 1, why.data()) != 0);
  const std::unique_ptr<TIFFRGBAImage, EndRgba> end(&converter);
  converter.req_orientation = converter.orientation;  // the image is turned later
  std::vector<std::uint32_t> raster(image.pixels.size() / static_cast<std::size_t>(image.channels));
  tiff.check(TIFFRGBAImageGet(&converter, raster.data(), converter.width, converter.height) != 0);
  const auto width = static_cast<std::size_t>(image.width);
  std::vector<std::uint8_t> rgb(3 * width);
  for (int y = 0; y < image.height; ++y) {
    for (std::size_t x = 0; x < width; ++x) {
      const std::uint32_t pixel = raster[static_cast<std::size_t>(y) * width + x];
      rgb[3 * x] = static_cast<std::uint8_t>(TIFFGetR(pixel));
      rgb[3 * x + 1] = static_cast<std::uint8_t>(TIFFGetG(pixel));
      rgb[3 * x + 2] = static_cast<std::uint8_t>(TIFFGetB(pixel));
    }
    put_pixels(image, 0, y, rgb, 3);
  }
}

int orientation_of(const TiffFile& tiff) {
  std::uint16_t orientation = 0;  // without the default: XMP may have one
  if (TIFFGetField(tiff, TIFFTAG_ORIENTATION, &orientation) != 0) return orientation;
  std::uint32_t size = 0;
  const char* xmp = nullptr;
  if (TIFFGetField(tiff, TIFFTAG_XMLPACKET, &size, &xmp) == 0) return 1;
  return noted_orientation({}, {xmp, size});
}

}  // namespace

StoredImage decode_tiff(std::span<const std::byte> bytes, int channels, const std::string& name) {
  const TiffFile tiff(bytes, name);
  const Layout layout = read_layout(tiff);
  if (layout.samples < 1 || layout.samples > kMaxSamples)
    tiff.refuse(fmt::format("of {} channels", layout.samples));
  if (layout.format != SAMPLEFORMAT_UINT && layout.format != SAMPLEFORMAT_VOID)
    tiff.refuse(layout.format == SAMPLEFORMAT_INT ? "of signed numbers" : "of floating-point numbers");
  if (layout.bits < 1 || layout.bits > 32) tiff.refuse(fmt::format("of {} bits per channel", layout.bits));
  Image image = new_image(layout.width, layout.height, channels, bytes.size(),
                          max_expansion(layout.compression) * 8 / (layout.bits * layout.samples), name);
  if (layout.colours == 0)
    read_converted(tiff, image);
  else
    read_samples(tiff, layout, image);
  return {std::move(image), orientation_of(tiff)};
}

}  // namespace alexnet
