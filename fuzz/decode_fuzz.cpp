// Any bytes give a whole image or a DataError; and any image can be scaled and cropped.
#include <cstdlib>

#include "alexnet/image.h"
#include "fuzz.h"
#include "image/resample.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace alexnet;
  const int channels = size % 2 == 0 ? 1 : 3;
  fuzz::attempt([&] {
    const Image image = load_image(fuzz::bytes_of(data, size), channels);
    const auto pixels = static_cast<std::size_t>(image.width) * static_cast<std::size_t>(image.height);
    if (image.pixels.size() != pixels * static_cast<std::size_t>(channels)) std::abort();
    const ScaledSize scaled = scaled_size(image.width, image.height, 32, 27, 29);
    resample(image, scaled, {(scaled.width - 27) / 2, (scaled.height - 29) / 2, 27, 29});
  });
  return 0;
}
