// How much memory there is to use.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

namespace alexnet {

/// Bytes this process may still take without pushing anything out: what the kernel calls available, or less
/// where the process is in a limited control group (a container, a service; versions 1 and 2, and the groups
/// around it), and less what is promised below. Takes milliseconds.
std::size_t available_memory();

/// The same without promises; `root` is where /proc and /sys are looked for.
std::size_t available_memory_of(const std::filesystem::path& root);

/// DeviceError ("use a smaller ...") unless so many bytes are available, and a little more. Linux
/// overcommits: asking for more than there is succeeds, and the process is killed later, when it uses it.
void require_memory(std::size_t bytes);

/// Pages that were mapped are available for the kernel until they are written to. Who maps many says so: they
/// are no longer available for others here, until they are unmapped.
class PromisedMemory {
 public:
  /// `start` is the start of a page.
  PromisedMemory(const void* start, std::size_t bytes);
  ~PromisedMemory();
  PromisedMemory(const PromisedMemory&) = delete;
  PromisedMemory& operator=(const PromisedMemory&) = delete;

 private:
  const void* start_;
};

/// "3.2 GB".
std::string gigabytes(std::size_t bytes);

}  // namespace alexnet
