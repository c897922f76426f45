// Scaling and cropping as Pillow does it.
#pragma once

#include "alexnet/image.h"

namespace alexnet {

/// A rectangle of the scaled image.
struct CropBox {
  int left = 0, top = 0, width = 0, height = 0;
};

/// Size after the short side was brought to `resize`: torchvision's Resize (the long side truncated), at
/// least `min_width` x `min_height` so that a crop of that size fits (both sides are scaled alike). Where
/// `resize` does not keep the shape, its own size.
struct ScaledSize {
  int width = 0, height = 0;
};
ScaledSize scaled_size(int width, int height, const Resize& resize, int min_width, int min_height);

/// How images are scaled: as Preprocessing has it.
struct Filter {
  Interpolation interpolation = Interpolation::kBilinear;
  bool antialias = true;
};

/// The part `box` of `image` scaled to `size`: Pillow's resampling (across, then down, 8-bit in between),
/// only the pixels the box needs are computed. Antialiased, and with the nearest pixels, equal to Pillow's to
/// the last bit, save that Pillow 13 goes down first where the height shrinks by more than twice what the
/// width does, which rounds differently. Not antialiased, a pixel differs from OpenCV's and PyTorch's by one
/// level at most. Result has box.width x box.height pixels. The image has 1 or 3 channels; the box is not
/// empty and lies within `size`.
Image resample(const Image& image, const ScaledSize& size, const CropBox& box, const Filter& filter = {});

/// The same into `result`, whose memory is used again.
void resample(const Image& image, const ScaledSize& size, const CropBox& box, Image& result,
              const Filter& filter = {});

}  // namespace alexnet
