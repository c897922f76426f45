// Any bytes give tensors whose values are all there or a DataError, whatever kind of file they pretend to be.
#include <cstdlib>

#include "alexnet/model.h"
#include "fuzz.h"

namespace {

template <class Values>
void read_all(const alexnet::Shape& shape, const Values& values) {
  if (values.size() != static_cast<std::size_t>(alexnet::element_count(shape))) std::abort();
  float sum = 0;
  for (const float value : values) sum += value;
  volatile float keep = sum;
  (void)keep;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace alexnet;
  const Bytes bytes = fuzz::bytes_of(data, size);
  fuzz::attempt([&] {
    for (const auto& [name, tensor] : load_tensors(bytes).tensors) read_all(tensor.shape, tensor.values);
  });
  fuzz::attempt([&] {
    for (const auto& [name, tensor] : load_weights(bytes).weights) read_all(tensor.shape, tensor.values);
  });
  fuzz::attempt([&] {
    const Tensor tensor = read_npy(bytes);
    read_all(tensor.shape, tensor.values);
  });
  return 0;
}
