#include "data/loader/pixel_cache.h"

#include <sys/mman.h>

#include <cstring>

#include "alexnet/error.h"
#include "base/memory.h"

namespace alexnet {

PixelCache::PixelCache(std::size_t images, std::size_t bytes_each)
    : images_(images),
      bytes_each_(bytes_each),
      states_(std::make_unique<std::atomic<std::uint8_t>[]>(images)) {
  if (images == 0) return;
  void* block = ::mmap(nullptr, images * bytes_each, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (block == MAP_FAILED)
    throw DeviceError("image cache", "not enough memory for " + memory_text(images * bytes_each),
                      "use --cache off");
  block_ = static_cast<std::uint8_t*>(block);
  promise_memory(block_, images * bytes_each);
}

PixelCache::~PixelCache() {
  if (block_ == nullptr) return;
  withdraw_promise(block_);
  ::munmap(block_, images_ * bytes_each_);
}

const std::uint8_t* PixelCache::find(std::size_t i) const {
  if (i >= images_ || states_[i].load(std::memory_order_acquire) != kHere) return nullptr;
  return block_ + i * bytes_each_;
}

void PixelCache::offer(std::size_t i, std::span<const std::uint8_t> pixels) {
  std::uint8_t absent = kAbsent;
  if (i >= images_ || !states_[i].compare_exchange_strong(absent, kArriving)) return;
  std::memcpy(block_ + i * bytes_each_, pixels.data(), bytes_each_);
  states_[i].store(kHere, std::memory_order_release);
}

}  // namespace alexnet
