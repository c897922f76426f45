// Small images for pages and sheets.
#pragma once

#include <string>

#include "alexnet/image.h"

namespace alexnet {

/// A JPEG file of a gray or RGB image. `quality`: libjpeg's, 1 to 100.
std::string encode_jpeg(const Image& image, int quality);

}  // namespace alexnet
