// Any pickle gives tensors whose values are all there or a DataError, beside a storage of 64 bytes. Whole
// files are what formats_fuzz.cpp reads.
#include <cstdlib>

#include "formats/pytorch/pickle_calls.h"
#include "formats/pytorch/pickle_reader.h"
#include "formats/pytorch/state_dict.h"
#include "formats/pytorch/strided.h"
#include "fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace alexnet;
  using namespace alexnet::pytorch;
  static const std::byte storage[64] = {};
  const Bytes bytes = fuzz::bytes_of(data, size);
  fuzz::attempt([&] {
    Objects objects;
    std::span<const std::byte> rest = bytes.data;
    const Persistent persistent = [&](const Value& id) -> Value {
      return storage_of(id, objects, bytes.name);
    };
    const Value root = read_pickle(rest, objects, persistent, bytes.name);
    const StorageBytes storages = {{"0", storage}};
    StridedReader reader(bytes, storages);
    for (const auto& [name, found] : find_state_dict(root, bytes.name).tensors) {
      const TensorView tensor = reader.read(*found.tensor, name);
      if (tensor.values.size() != static_cast<std::size_t>(element_count(tensor.shape))) std::abort();
      volatile float sum = 0;
      for (const float value : tensor.values) sum = sum + value;
    }
  });
  return 0;
}
