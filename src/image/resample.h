// Scaling and cropping as Pillow does it.
#pragma once

#include "alexnet/image.h"

namespace alexnet {

/// A rectangle of the scaled image.
struct CropBox {
  int left = 0, top = 0, width = 0, height = 0;
};

/// Size after the short side was brought to `resize`: torchvision's Resize (the long side truncated), at
/// least `min_width` x `min_height` so that a crop of that size fits (both sides are scaled alike).
struct ScaledSize {
  int width = 0, height = 0;
};
ScaledSize scaled_size(int width, int height, int resize, int min_width, int min_height);

/// The part `box` of `image` scaled to `size`: Pillow's bilinear resampling with antialiasing (across, then
/// down, 8-bit in between), only the pixels the box needs are computed. Equal to Pillow's to the last bit,
/// save that Pillow 13 goes down first where the height shrinks by more than twice what the width does, which
/// rounds differently. Result has box.width x box.height pixels.
/// The image has 1 or 3 channels; the box is not empty and lies within `size`.
Image resample(const Image& image, const ScaledSize& size, const CropBox& box);

/// The same into `result`, whose memory is used again.
void resample(const Image& image, const ScaledSize& size, const CropBox& box, Image& result);

}  // namespace alexnet
