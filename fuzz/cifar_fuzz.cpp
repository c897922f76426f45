// Any bytes, as a file of CIFAR's images, give images with labels or a DataError.
#include <cstdlib>

#include "data/sources/cifar.h"
#include "fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace alexnet;
  if (size == 0) return 0;
  // The first byte says which of the two sets it is.
  const std::size_t label_bytes = 1 + data[0] % 2, classes = label_bytes == 1 ? 10 : 100;
  fuzz::attempt([&] {
    const auto source = read_cifar({fuzz::bytes_of(data + 1, size - 1)}, label_bytes, classes);
    for (std::size_t i = 0; i < source->size(); ++i)
      if (source->load(i, 3).pixels.size() != 3072 || source->label(i) >= static_cast<int>(classes))
        std::abort();
  });
  return 0;
}
