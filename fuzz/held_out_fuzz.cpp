// Any bytes give a record of held-out images, which is written and read again as it was, or a DataError.
#include <cstdlib>

#include "fuzz.h"
#include "train/run/held_out.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace alexnet;
  fuzz::attempt([&] {
    const std::vector<HeldOutImage> record = read_held_out(fuzz::bytes_of(data, size));
    const std::string text = held_out_text(record);
    if (read_held_out(Bytes::own("again", text)) != record) std::abort();
    held_out_notes(record);
  });
  return 0;
}
