// From the channels that a file has to those that are asked for, as Pillow converts them.
#include <algorithm>

#include "image/decode_formats.h"

namespace alexnet {

void rgb_to_gray(const std::uint8_t* rgb, std::size_t count, std::uint8_t* gray) {
  for (std::size_t i = 0; i < count; ++i) gray[i] = luma(rgb[3 * i], rgb[3 * i + 1], rgb[3 * i + 2]);
}

void cmyk_to_rgb(const std::uint8_t* cmyk, std::size_t count, std::uint8_t* rgb) {
  for (std::size_t i = 0; i < count; ++i) {
    const int white = 255 - cmyk[4 * i + 3];
    for (std::size_t c = 0; c < 3; ++c) {
      const int product = cmyk[4 * i + c] * white + 128;
      const int ink = ((product >> 8) + product) >> 8;  // / 255, rounded
      rgb[3 * i + c] = static_cast<std::uint8_t>(std::max(white - ink, 0));
    }
  }
}

Image with_channels(Image image, int channels) {
  if (image.channels == channels) return image;
  const std::size_t count = image.pixels.size() / 3;
  rgb_to_gray(image.pixels.data(), count, image.pixels.data());
  image.pixels.resize(count);
  image.channels = 1;
  return image;
}

void put_pixels(Image& image, int x, int y, std::span<const std::uint8_t> pixels, int channels) {
  std::uint8_t* to =
      image.pixels.data() + (std::ptrdiff_t{y} * image.width + x) * std::ptrdiff_t{image.channels};
  if (image.channels == channels) {
    std::ranges::copy(pixels, to);
  } else if (channels == 3) {
    rgb_to_gray(pixels.data(), pixels.size() / 3, to);
  } else {
    for (const std::uint8_t gray : pixels) to = std::fill_n(to, 3, gray);
  }
}

}  // namespace alexnet
