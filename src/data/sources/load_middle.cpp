#include "data/sources/load_middle.h"

#include "alexnet/error.h"
#include "image/preparation.h"

namespace alexnet {

Image load_middle(const ImageSource& source, std::size_t i, int channels, const Preprocessing& steps,
                  int width, int height) {
  const Image image = source.load(i, channels);
  if (!is_whole(image, channels))
    throw DataError(source.name(i),
                    "its source returned an image with another number of channels than requested");
  return scale_middle(image, steps, width, height);
}

}  // namespace alexnet
