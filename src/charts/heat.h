// Maps over images.
#pragma once

#include <span>

#include "alexnet/image.h"

namespace alexnet {

/// An image in gray with a map over it, coloured where the map is not near zero: red to yellow above zero,
/// blue to cyan below, the stronger the more. `map` holds rows * columns values, evenly over the image
/// (values in between are interpolated); its strongest values, one in a hundred, get the full colour.
Image heat_image(const Image& image, std::span<const float> map, int rows, int columns);

}  // namespace alexnet
