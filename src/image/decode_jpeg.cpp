// JPEG by libjpeg-turbo, with the settings that Pillow leaves it at: accurate integer DCT, smooth chroma
// upsampling. Damage inside the data that libjpeg only warns of is accepted, an end before the image's end
// is not; Pillow does the same.
#include <fmt/format.h>
#include <jerror.h>
#include <jpeglib.h>

#include <algorithm>
#include <array>
#include <csetjmp>
#include <cstdio>  // jpeglib.h needs it and does not include it
#include <string_view>
#include <utility>
#include <vector>

#include "alexnet/error.h"
#include "image/decode_formats.h"

namespace alexnet {
namespace {

// A block of 8x8 pixels takes a bit at least with Huffman codes. Arithmetic codes can do with less.
constexpr double kPixelsPerByte = 8 * 64;
constexpr double kPixelsPerByteArithmetic = 64 * kPixelsPerByte;
// Real progressive files have about ten scans. Each costs a walk over the whole image, so that a small
// file of very many would keep us for minutes.
constexpr int kMaxScans = 100;

// libjpeg reports errors through a function that must not return: it jumps back to the library call's
// caller. A jump runs no destructors, so the functions that call libjpeg hold plain data only.
struct JpegError {
  jpeg_error_mgr manager;  // first: libjpeg hands back a pointer to it
  std::jmp_buf back;
  std::array<char, JMSG_LENGTH_MAX> message;
  bool truncated;
};

[[noreturn]] void give_up(j_common_ptr jpeg) {
  auto* error = reinterpret_cast<JpegError*>(jpeg->err);
  (*jpeg->err->format_message)(jpeg, error->message.data());
  std::longjmp(error->back, 1);
}

void ignore_message(j_common_ptr /*jpeg*/, int /*level*/) {}

void start_source(j_decompress_ptr /*jpeg*/) {}
void end_source(j_decompress_ptr /*jpeg*/) {}

[[noreturn]] void out_of_data(j_decompress_ptr jpeg) {
  reinterpret_cast<JpegError*>(jpeg->err)->truncated = true;
  jpeg->err->msg_code = JERR_INPUT_EOF;
  give_up(reinterpret_cast<j_common_ptr>(jpeg));
}

boolean fill_source(j_decompress_ptr jpeg) { out_of_data(jpeg); }

void skip_source(j_decompress_ptr jpeg, long count) {
  if (count <= 0) return;
  const auto skip = static_cast<std::size_t>(count);
  if (skip > jpeg->src->bytes_in_buffer) out_of_data(jpeg);
  jpeg->src->next_input_byte += skip;
  jpeg->src->bytes_in_buffer -= skip;
}

void watch_scans(j_common_ptr jpeg) {
  if (reinterpret_cast<j_decompress_ptr>(jpeg)->input_scan_number <= kMaxScans) return;
  auto* error = reinterpret_cast<JpegError*>(jpeg->err);
  std::ranges::copy("far too many scans", error->message.begin());
  std::longjmp(error->back, 1);
}

class JpegReader {
 public:
  explicit JpegReader(std::span<const std::byte> bytes) {
    jpeg_.err = jpeg_std_error(&error_.manager);
    error_.manager.error_exit = give_up;
    error_.manager.emit_message = ignore_message;
    source_.next_input_byte = reinterpret_cast<const JOCTET*>(bytes.data());
    source_.bytes_in_buffer = bytes.size();
    source_.init_source = start_source;
    source_.fill_input_buffer = fill_source;
    source_.skip_input_data = skip_source;
    source_.resync_to_restart = jpeg_resync_to_restart;
    source_.term_source = end_source;
    progress_.progress_monitor = watch_scans;
  }
  ~JpegReader() { jpeg_destroy_decompress(&jpeg_); }
  JpegReader(const JpegReader&) = delete;
  JpegReader& operator=(const JpegReader&) = delete;

  /// Reads up to the first scan. False: see message().
  bool read_header() {
    if (setjmp(error_.back) != 0) return false;
    jpeg_create_decompress(&jpeg_);
    jpeg_.src = &source_;
    jpeg_.progress = &progress_;
    jpeg_save_markers(&jpeg_, JPEG_APP0 + 1, 0xffff);
    jpeg_read_header(&jpeg_, TRUE);
    return true;
  }

  /// Begins the pixels, in `space`; for progressive files most of the work.
  bool start(J_COLOR_SPACE space) {
    if (setjmp(error_.back) != 0) return false;
    jpeg_.out_color_space = space;
    jpeg_start_decompress(&jpeg_);
    return true;
  }

  /// The next row.
  bool read_row(std::uint8_t* row) {
    if (setjmp(error_.back) != 0) return false;
    jpeg_read_scanlines(&jpeg_, &row, 1);
    return true;
  }

  /// Reads to the end mark.
  bool finish() {
    if (setjmp(error_.back) != 0) return false;
    jpeg_finish_decompress(&jpeg_);
    return true;
  }

  int width() const { return static_cast<int>(jpeg_.image_width); }
  int height() const { return static_cast<int>(jpeg_.image_height); }
  int components() const { return jpeg_.num_components; }
  bool arithmetic() const { return jpeg_.arith_code != FALSE; }
  bool truncated() const { return error_.truncated; }
  std::string_view message() const { return error_.message.data(); }

  /// To be asked before finish(), which forgets the file's notes. EXIF may be in several parts.
  int orientation() const {
    constexpr std::string_view kExif("Exif\0\0", 6), kXmp("http://ns.adobe.com/xap/1.0/\0", 29);
    std::string exif;
    std::string_view xmp;
    for (const jpeg_marker_struct* marker = jpeg_.marker_list; marker != nullptr; marker = marker->next) {
      const std::string_view text(reinterpret_cast<const char*>(marker->data), marker->data_length);
      if (text.starts_with(kExif)) exif += text.substr(kExif.size());
      if (text.starts_with(kXmp)) xmp = text.substr(kXmp.size());
    }
    return noted_orientation(std::as_bytes(std::span(exif)), xmp);
  }

 private:
  jpeg_decompress_struct jpeg_{};
  jpeg_source_mgr source_{};
  jpeg_progress_mgr progress_{};
  JpegError error_{};
};

void check(bool well, const JpegReader& reader, const std::string& name) {
  if (well) return;
  if (reader.truncated()) throw_truncated(name, "JPEG");
  throw DataError(name, fmt::format("is a broken JPEG ({})", reader.message()));
}

}  // namespace

StoredImage decode_jpeg(std::span<const std::byte> bytes, int channels, const std::string& name) {
  JpegReader reader(bytes);
  check(reader.read_header(), reader, name);
  const int orientation = reader.orientation();
  const int stored = reader.components();
  if (stored != 1 && stored != 3 && stored != 4)
    throw DataError(name, fmt::format("is a JPEG of {} components; 1, 3 and 4 are known", stored));
  Image image = new_image(reader.width(), reader.height(), channels, bytes.size(),
                          reader.arithmetic() ? kPixelsPerByteArithmetic : kPixelsPerByte, name);

  const bool gray = stored == 1 && channels == 1;
  const bool cmyk = stored == 4;
  check(reader.start(cmyk ? JCS_CMYK : gray ? JCS_GRAYSCALE : JCS_RGB), reader, name);
  const auto width = static_cast<std::size_t>(image.width);
  const std::size_t row_bytes = width * static_cast<std::size_t>(channels);
  std::vector<std::uint8_t> row(cmyk ? 4 * width : 0), rgb(channels == 1 && !gray ? 3 * width : 0);
  std::uint8_t* to = image.pixels.data();
  for (int y = 0; y < image.height; ++y, to += row_bytes) {
    std::uint8_t* colours = rgb.empty() ? to : rgb.data();
    check(reader.read_row(cmyk ? row.data() : colours), reader, name);
    if (cmyk) {
      for (std::uint8_t& ink : row) ink = static_cast<std::uint8_t>(255 - ink);  // as Adobe stores it
      cmyk_to_rgb(row.data(), width, colours);
    }
    if (!rgb.empty()) rgb_to_gray(colours, width, to);
  }
  check(reader.finish(), reader, name);
  return {std::move(image), orientation};
}

}  // namespace alexnet
