// Any bytes, as the two files of an IDX pair, give images with labels or a DataError.
#include <algorithm>
#include <cstdlib>

#include "data/sources/idx.h"
#include "fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace alexnet;
  if (size == 0) return 0;
  // The first byte says where the file of images ends and that of labels begins.
  const std::size_t images = size - 1 - std::min<std::size_t>(size - 1, data[0]);
  fuzz::attempt([&] {
    const Bytes file = fuzz::bytes_of(data + 1, images);
    is_idx(file);
    const auto source = read_idx(file, fuzz::bytes_of(data + 1 + images, size - 1 - images));
    for (std::size_t i = 0; i < source->size(); ++i) {
      const Image image = source->load(i, 3);
      const auto pixels = static_cast<std::size_t>(image.width) * static_cast<std::size_t>(image.height);
      if (image.pixels.size() != 3 * pixels || source->label(i) > 255) std::abort();
    }
  });
  return 0;
}
