// Any HDF5 file gives arrays that lie in it or a DataError, as weights of a network and without one. Archives
// are what formats_fuzz.cpp reads.
#include <cstdlib>

#include "formats/hdf5/read_hdf5.h"
#include "formats/keras/keras_format.h"
#include "formats/keras/weight_store.h"
#include "fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace alexnet;
  const Bytes bytes = fuzz::bytes_of(data, size);
  fuzz::attempt([&] {
    const hdf5::Content content = hdf5::read_hdf5(bytes);
    for (const auto& [path, dataset] : keras::all_datasets(content.root, "")) {
      if (!dataset->refused.empty()) continue;
      if (dataset->values.size() != byte_count(dataset->shape, dataset->element)) std::abort();
      unsigned sum = 0;
      for (const std::byte value : dataset->values) sum += std::to_integer<unsigned>(value);
      volatile unsigned keep = sum;
      (void)keep;
    }
  });
  fuzz::attempt([&] {
    for (const auto& [name, tensor] : keras_importer().read(bytes).weights)
      if (tensor.values.size() != static_cast<std::size_t>(element_count(tensor.shape))) std::abort();
  });
  return 0;
}
