#include "image/encode_jpeg.h"

#include <jpeglib.h>

#include <csetjmp>
#include <cstdio>  // jpeglib.h needs it and does not include it
#include <cstdlib>

#include "alexnet/error.h"

namespace alexnet {
namespace {

// libjpeg reports errors through a function that must not return; see decode_jpeg.cpp.
struct JpegError {
  jpeg_error_mgr manager;  // first: libjpeg hands back a pointer to it
  std::jmp_buf back;
};

[[noreturn]] void give_up(j_common_ptr jpeg) {
  std::longjmp(reinterpret_cast<JpegError*>(jpeg->err)->back, 1);
}

/// False when it failed, for want of memory. Plain data only: a jump runs no destructors.
bool encode(const Image& image, int quality, unsigned char** bytes, unsigned long* size) {
  JpegError error;
  jpeg_compress_struct jpeg;
  jpeg.err = jpeg_std_error(&error.manager);
  error.manager.error_exit = give_up;
  if (setjmp(error.back) != 0) {
    jpeg_destroy_compress(&jpeg);
    return false;
  }
  jpeg_create_compress(&jpeg);
  jpeg_mem_dest(&jpeg, bytes, size);
  jpeg.image_width = static_cast<JDIMENSION>(image.width);
  jpeg.image_height = static_cast<JDIMENSION>(image.height);
  jpeg.input_components = image.channels;
  jpeg.in_color_space = image.channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
  jpeg_set_defaults(&jpeg);
  jpeg_set_quality(&jpeg, quality, TRUE);
  jpeg.optimize_coding = TRUE;
  jpeg_start_compress(&jpeg, TRUE);
  const JDIMENSION stride = jpeg.image_width * static_cast<JDIMENSION>(image.channels);
  while (jpeg.next_scanline < jpeg.image_height) {
    auto* row = const_cast<JSAMPLE*>(image.pixels.data() + std::size_t{jpeg.next_scanline} * stride);
    jpeg_write_scanlines(&jpeg, &row, 1);
  }
  jpeg_finish_compress(&jpeg);
  jpeg_destroy_compress(&jpeg);
  return true;
}

}  // namespace

std::string encode_jpeg(const Image& image, int quality) {
  if (image.width < 1 || image.height < 1 || image.width > JPEG_MAX_DIMENSION ||
      image.height > JPEG_MAX_DIMENSION)
    throw UsageError("encode_jpeg", "a JPEG has sides of 1 to 65500 pixels");
  unsigned char* bytes = nullptr;
  unsigned long size = 0;
  const bool done = encode(image, quality, &bytes, &size);
  std::string file(reinterpret_cast<const char*>(bytes), done ? size : 0);
  std::free(bytes);
  if (!done) throw DeviceError("", "no memory for an image", "close other programs");
  return file;
}

}  // namespace alexnet
