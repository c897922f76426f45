// GIF by giflib: the first image of the file on the canvas, as Pillow shows it. Transparency is dropped.
#include <fmt/format.h>
#include <gif_lib.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "alexnet/error.h"
#include "image/decode_formats.h"

namespace alexnet {
namespace {

// A code of 9 bits can stand for a row of 3,800 pixels that the 3,800 codes before it have built.
constexpr double kPixelsPerByte = 3800.0 * 8 / 9;
// The first image of an animation may be a small part of the canvas.
constexpr double kCanvasPerByte = 64 * kPixelsPerByte;

int read_bytes(GifFileType* gif, GifByteType* to, int count) {
  auto& rest = *static_cast<std::span<const std::byte>*>(gif->UserData);
  const std::size_t given = std::min(rest.size(), static_cast<std::size_t>(count));
  std::memcpy(to, rest.data(), given);
  rest = rest.subspan(given);
  return static_cast<int>(given);
}

struct CloseGif {
  void operator()(GifFileType* gif) const { DGifCloseFile(gif, nullptr); }
};

[[noreturn]] void fail(int error, const std::string& name) {
  if (error == D_GIF_ERR_READ_FAILED || error == D_GIF_ERR_EOF_TOO_SOON) throw_truncated(name, "GIF");
  if (error == D_GIF_ERR_NOT_ENOUGH_MEM) throw DeviceError(name, "not enough memory to decode it");
  const char* why = GifErrorString(error);
  throw DataError(name, fmt::format("is a broken GIF ({})", why == nullptr ? "unknown error" : why));
}

class GifReader {
 public:
  GifReader(std::span<const std::byte> bytes, const std::string& name) : rest_(bytes), name_(name) {
    int error = 0;
    gif_.reset(DGifOpen(&rest_, read_bytes, &error));
    if (gif_ == nullptr) fail(error, name_);
  }

  /// Reads up to the pixels of the first image.
  void find_image() {
    GifRecordType record = UNDEFINED_RECORD_TYPE;
    while (record != IMAGE_DESC_RECORD_TYPE) {
      check(DGifGetRecordType(gif_.get(), &record));
      if (record == TERMINATE_RECORD_TYPE) throw DataError(name_, "is a GIF without an image");
      if (record == EXTENSION_RECORD_TYPE) read_extension();
    }
    check(DGifGetImageDesc(gif_.get()));
  }

  /// The next row of the image: a colour number per pixel.
  void read_row(std::vector<GifPixelType>& row) {
    check(DGifGetLine(gif_.get(), row.data(), static_cast<int>(row.size())));
  }

  const GifImageDesc& frame() const { return gif_->Image; }
  int canvas_width() const { return std::max(gif_->SWidth, frame().Left + frame().Width); }
  int canvas_height() const { return std::max(gif_->SHeight, frame().Top + frame().Height); }
  /// The colour number of the canvas around the image.
  std::size_t background() const { return transparent_; }

  /// Red, green, blue of a colour number; black for a number that has none, gray in a file without colours.
  std::array<std::uint8_t, 256 * 3> colours() const {
    std::array<std::uint8_t, 256 * 3> table{};
    const ColorMapObject* map = frame().ColorMap != nullptr ? frame().ColorMap : gif_->SColorMap;
    const int count = map == nullptr ? 256 : map->ColorCount;
    for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
      const auto gray = static_cast<GifByteType>(i);
      const GifColorType colour = map == nullptr ? GifColorType{gray, gray, gray} : map->Colors[i];
      table[3 * i] = colour.Red;
      table[3 * i + 1] = colour.Green;
      table[3 * i + 2] = colour.Blue;
    }
    return table;
  }

 private:
  void check(int result) const {
    if (result != GIF_OK) fail(gif_->Error, name_);
  }

  void read_extension() {
    int code = 0;
    GifByteType* block = nullptr;  // its length and its bytes
    check(DGifGetExtension(gif_.get(), &code, &block));
    while (block != nullptr) {
      GraphicsControlBlock control;
      if (code == GRAPHICS_EXT_FUNC_CODE && DGifExtensionToGCB(block[0], block + 1, &control) == GIF_OK &&
          control.TransparentColor != NO_TRANSPARENT_COLOR)
        transparent_ = static_cast<std::size_t>(control.TransparentColor);
      check(DGifGetExtensionNext(gif_.get(), &block));
    }
  }

  std::span<const std::byte> rest_;
  const std::string& name_;
  std::unique_ptr<GifFileType, CloseGif> gif_;
  std::size_t transparent_ = 0;
};

/// The order in which the rows of an image are stored.
std::vector<int> row_order(int height, bool interlaced) {
  std::vector<int> rows;
  constexpr std::array<std::pair<int, int>, 4> kPasses{{{0, 8}, {4, 8}, {2, 4}, {1, 2}}};
  constexpr std::array<std::pair<int, int>, 1> kAll{{{0, 1}}};
  for (const auto& [first, step] : interlaced ? std::span<const std::pair<int, int>>(kPasses)
                                              : std::span<const std::pair<int, int>>(kAll))
    for (int y = first; y < height; y += step) rows.push_back(y);
  return rows;
}

}  // namespace

StoredImage decode_gif(std::span<const std::byte> bytes, int channels, const std::string& name) {
  GifReader reader(bytes, name);
  reader.find_image();
  const GifImageDesc& frame = reader.frame();
  check_size(frame.Width, frame.Height, bytes.size(), kPixelsPerByte, name);
  Image image =
      new_image(reader.canvas_width(), reader.canvas_height(), channels, bytes.size(), kCanvasPerByte, name);
  const auto colours = reader.colours();
  const auto paint = [&](const std::vector<GifPixelType>& numbers, std::vector<std::uint8_t>& rgb) {
    for (std::size_t i = 0; i < numbers.size(); ++i)
      std::copy_n(colours.data() + std::size_t{3} * numbers[i], 3, rgb.data() + 3 * i);
  };

  const auto canvas = static_cast<std::size_t>(image.width), width = static_cast<std::size_t>(frame.Width);
  std::vector<GifPixelType> numbers(canvas, static_cast<GifPixelType>(reader.background()));
  std::vector<std::uint8_t> rgb(3 * canvas);
  paint(numbers, rgb);
  for (int y = 0; y < image.height; ++y) put_pixels(image, 0, y, rgb, 3);

  numbers.resize(width);
  rgb.resize(3 * width);
  for (const int y : row_order(frame.Height, frame.Interlace)) {
    reader.read_row(numbers);
    paint(numbers, rgb);
    put_pixels(image, frame.Left, frame.Top + y, rgb, 3);
  }
  return {std::move(image), 1};
}

}  // namespace alexnet
