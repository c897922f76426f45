// Any text gives the definition of a network or a DataError, and any definition a network or a DataError.
// Whole files are what formats_fuzz.cpp reads.
#include "formats/caffe/network_reader.h"
#include "fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace alexnet;
  const std::string where = "fuzz";
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::map<std::string, std::vector<caffe::StoredBlob>> none;
  fuzz::attempt([&] {
    const caffe::Message network = caffe::parse_text(text, where);
    caffe::parse_text(caffe::to_text(network), where);
    caffe::read_network(network, caffe::Blobs(none), where);
  });
  fuzz::attempt([&] {
    const caffe::StoredNetwork stored = caffe::parse_network(std::as_bytes(std::span(text)), where);
    for (const auto& [layer, blobs] : stored.blobs)
      for (const caffe::StoredBlob& blob : blobs) caffe::values_of(blob, where);
    caffe::read_network(stored.network, caffe::Blobs(stored.blobs), where);
  });
  return 0;
}
