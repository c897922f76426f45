// Images kept in memory once they are decoded and scaled, all of the same size.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace alexnet {

/// Room for the first `images` of a source, one block that takes memory only where it was written. Readers
/// and writers need no lock: an image is published whole, by whoever offers it first.
class PixelCache {
 public:
  /// DeviceError when there is not enough address space.
  PixelCache(std::size_t images, std::size_t bytes_each);
  ~PixelCache();
  PixelCache(const PixelCache&) = delete;
  PixelCache& operator=(const PixelCache&) = delete;

  /// The pixels of image i, or null when they are not (yet) here.
  const std::uint8_t* find(std::size_t i) const;
  /// Keeps image i when there is room for it and nobody else is about to.
  void offer(std::size_t i, std::span<const std::uint8_t> pixels);

 private:
  enum State : std::uint8_t { kAbsent, kArriving, kHere };
  std::size_t images_, bytes_each_;
  std::uint8_t* block_ = nullptr;
  std::unique_ptr<std::atomic<std::uint8_t>[]> states_;
};

}  // namespace alexnet
