#include "data/augment/colour_jitter.h"

#include <algorithm>
#include <cstdint>
#include <numeric>

#include "image/decode_formats.h"

namespace alexnet {
namespace {

/// Pillow's ImagingBlend(): float32, cut off.
inline std::uint8_t blend(int other, int pixel, float fraction) {
  const float value = static_cast<float>(other) + fraction * static_cast<float>(pixel - other);
  return static_cast<std::uint8_t>(std::clamp(value, 0.0F, 255.0F));
}

void blend_all(Image& image, int other, float fraction) {
  std::array<std::uint8_t, 256> table{};
  for (int pixel = 0; pixel < 256; ++pixel)
    table[static_cast<std::size_t>(pixel)] = blend(other, pixel, fraction);
  for (std::uint8_t& pixel : image.pixels) pixel = table[pixel];
}

int mean_gray(const Image& image) {
  std::uint64_t sum = 0;
  const std::size_t pixels = image.pixels.size() / static_cast<std::size_t>(image.channels);
  if (pixels == 0) return 0;
  if (image.channels == 1)
    sum = std::accumulate(image.pixels.begin(), image.pixels.end(), sum);
  else
    for (std::size_t i = 0; i < image.pixels.size(); i += 3)
      sum += luma(image.pixels[i], image.pixels[i + 1], image.pixels[i + 2]);
  return static_cast<int>((2 * sum + pixels) / (2 * pixels));  // halves up
}

}  // namespace

void brighten(Image& image, float factor) { blend_all(image, 0, factor); }

void change_contrast(Image& image, float factor) { blend_all(image, mean_gray(image), factor); }

void saturate(Image& image, float factor) {
  if (image.channels == 1) return;
  std::uint8_t* pixel = image.pixels.data();
  for (std::size_t i = 0; i < image.pixels.size(); i += 3, pixel += 3) {
    const int gray = luma(pixel[0], pixel[1], pixel[2]);
    for (int c = 0; c < 3; ++c) pixel[c] = blend(gray, pixel[c], factor);
  }
}

ColourJitter ColourJitter::draw(double strength, RandomStream& draws) {
  ColourJitter jitter;
  std::array<std::uint32_t, 3> order{0, 1, 2};
  draws.shuffle(order);
  std::ranges::transform(order, jitter.order.begin(), [](std::uint32_t step) { return Step{step}; });
  const double min = std::max(0.0, 1 - strength), max = 1 + strength;
  for (float& factor : jitter.factor)
    factor = static_cast<float>(min + (max - min) * static_cast<double>(draws.uniform()));
  return jitter;
}

void ColourJitter::apply(Image& image) const {
  for (const Step step : order) {
    const float by = factor[static_cast<std::size_t>(step)];
    switch (step) {
      case Step::kBrightness:
        brighten(image, by);
        break;
      case Step::kContrast:
        change_contrast(image, by);
        break;
      case Step::kSaturation:
        saturate(image, by);
        break;
    }
  }
}

}  // namespace alexnet
