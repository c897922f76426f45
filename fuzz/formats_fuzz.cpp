// Any bytes give tensors whose values are all there or a DataError, whatever kind of file they pretend to be.
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "alexnet/error.h"
#include "alexnet/model.h"

namespace {

/// A file without a place on a disk: readers take paths.
class MemoryFile {
 public:
  MemoryFile(const std::uint8_t* data, std::size_t size) : file_(::memfd_create("fuzz", MFD_CLOEXEC)) {
    if (file_ < 0 || ::write(file_, data, size) != static_cast<ssize_t>(size)) std::abort();
  }
  ~MemoryFile() { ::close(file_); }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  std::filesystem::path path() const { return "/proc/self/fd/" + std::to_string(file_); }

 private:
  int file_;
};

template <class Values>
void read_all(const alexnet::Shape& shape, const Values& values) {
  if (values.size() != static_cast<std::size_t>(alexnet::element_count(shape))) std::abort();
  float sum = 0;
  for (const float value : values) sum += value;
  volatile float keep = sum;
  (void)keep;
}

template <class Reading>
void attempt(Reading&& reading) {
  try {
    reading();
  } catch (const alexnet::DataError&) {
    return;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace alexnet;
  const MemoryFile file(data, size);
  attempt([&] {
    for (const auto& [name, tensor] : load_tensors(file.path()).tensors)
      read_all(tensor.shape, tensor.values);
  });
  attempt([&] {
    for (const auto& [name, tensor] : load_model(file.path()).weights) read_all(tensor.shape, tensor.values);
  });
  attempt([&] {
    const Tensor tensor = read_npy(file.path());
    read_all(tensor.shape, tensor.values);
  });
  return 0;
}
