#include <algorithm>

#include "alexnet/image.h"
#include "image/resample.h"

namespace alexnet {

Image thumbnail(Image image, int side) {
  const int longest = std::max(image.width, image.height);
  if (longest <= side) return image;
  const auto scaled = [&](int whole) {
    return std::max(1, static_cast<int>(std::int64_t{whole} * side / longest));
  };
  const ScaledSize size{scaled(image.width), scaled(image.height)};
  return resample(image, size, {0, 0, size.width, size.height});
}

}  // namespace alexnet
