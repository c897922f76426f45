// An image of a source, brought to the size that everything else starts from.
#pragma once

#include <cstddef>

#include "alexnet/dataset.h"

namespace alexnet {

/// Image i of a source, decoded and brought to scale_middle()'s size. DataError when it cannot be read, or
/// when the source gives something else than was asked for.
Image load_middle(const ImageSource& source, std::size_t i, int channels, const Preprocessing& steps,
                  int width, int height);

}  // namespace alexnet
