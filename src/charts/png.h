// PNG files.
#pragma once

#include <filesystem>

#include "alexnet/image.h"

namespace alexnet {

/// An image as a PNG file of its own size. Atomic; DataError when the file cannot be written.
void save_png(const std::filesystem::path& png, const Image& image);

}  // namespace alexnet
