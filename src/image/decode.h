// From the bytes of a picture file to upright 8-bit pixels, the same ones Pillow gives.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "alexnet/image.h"

namespace alexnet {

/// Decodes JPEG, PNG or WebP by content to `channels` (1 gray: Pillow's convert("L"); 3: convert("RGB")).
/// `name` is for errors only. DataError for anything else, anything broken, and more than kMaxPixels pixels.
Image decode_image(std::span<const std::byte> bytes, int channels, const std::string& name);

}  // namespace alexnet
