// Any bytes, as the two files of an IDX pair, give images with labels or a DataError.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <span>

#include "alexnet/error.h"
#include "data/sources/idx.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace alexnet;
  if (size == 0) return 0;
  // The first byte says where the file of images ends and that of labels begins.
  const std::span<const std::byte> all = std::as_bytes(std::span(data, size)).subspan(1);
  const std::size_t images = all.size() - std::min<std::size_t>(all.size(), data[0]);
  try {
    const Bytes file{"images", all.first(images), nullptr};
    is_idx(file);
    const auto source = read_idx(file, Bytes{"labels", all.subspan(images), nullptr});
    for (std::size_t i = 0; i < source->size(); ++i) {
      const Image image = source->load(i, 3);
      const auto pixels = static_cast<std::size_t>(image.width) * static_cast<std::size_t>(image.height);
      if (image.pixels.size() != 3 * pixels || source->label(i) > 255) std::abort();
    }
  } catch (const DataError&) {
    return 0;
  }
  return 0;
}
