// Brightness, contrast and saturation of 8-bit images, as Pillow's ImageEnhance changes them.
#pragma once

#include <array>

#include "alexnet/image.h"
#include "base/random.h"

namespace alexnet {

/// Each blends the image with another one, `factor` being the image's fraction (0: only the other; above 1:
/// away from it), cut off and limited to 0..255. brighten(): black. change_contrast(): the mean gray of all
/// pixels, rounded. saturate(): the image in gray, which changes nothing of one channel. Equal to Pillow's
/// ImageEnhance.Brightness, Contrast and Color to the last bit.
void brighten(Image& image, float factor);
void change_contrast(Image& image, float factor);
void saturate(Image& image, float factor);

/// What torchvision's ColorJitter(x, x, x) does to an image: all three, each with a factor drawn evenly from
/// max(0, 1 - x) to 1 + x, in a drawn order.
struct ColourJitter {
  enum class Step : std::uint32_t { kBrightness, kContrast, kSaturation };
  std::array<Step, 3> order{};
  std::array<float, 3> factor{};  // by step

  /// Four draws or more of the stream.
  static ColourJitter draw(double strength, RandomStream& draws);
  void apply(Image& image) const;
};

}  // namespace alexnet
