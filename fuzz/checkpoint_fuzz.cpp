// Any bytes give a checkpoint, the metrics of a run or a DataError.
#include <limits>

#include "fuzz.h"
#include "train/run/metrics_file.h"
#include "train/step/checkpoint.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace alexnet;
  const Bytes file = fuzz::bytes_of(data, size);
  fuzz::attempt([&] { load_checkpoint(file); });
  fuzz::attempt([&] { read_metrics(file, std::numeric_limits<int>::max()); });
  return 0;
}
