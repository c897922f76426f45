// Any bytes, as a CSV list, give labelled images or a DataError.
#include <cstdlib>

#include "data/sources/csv_list.h"
#include "fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace alexnet;
  fuzz::attempt([&] {
    const Parts parts = list_csv(fuzz::bytes_of(data, size));
    const auto classes = static_cast<int>(parts.training->classes.size());
    for (std::size_t i = 0; i < parts.training->images->size(); ++i)
      if (parts.training->images->label(i) >= classes) std::abort();
  });
  return 0;
}
