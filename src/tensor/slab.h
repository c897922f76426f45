// One aligned block of floats that many tensors share.
#pragma once

#include <cstddef>
#include <memory>
#include <span>

namespace alexnet {

/// Zeroed float32 memory, aligned to 64 bytes (to 2 MiB, with huge pages asked for, when it is that large).
/// DeviceError naming the size when a large one is more than what is free (base/memory.h).
class Slab {
 public:
  Slab() = default;
  explicit Slab(std::size_t count);

  std::size_t size() const { return size_; }
  float* data() { return memory_.get(); }
  const float* data() const { return memory_.get(); }
  std::span<float> span() { return {memory_.get(), size_}; }
  std::span<const float> span() const { return {memory_.get(), size_}; }

 private:
  struct Free {
    std::size_t bytes;
    void operator()(float* memory) const;
  };
  std::unique_ptr<float, Free> memory_{nullptr, Free{0}};
  std::size_t size_ = 0;
};

/// Every tensor in a slab starts at a multiple of this many floats (64 bytes).
inline constexpr std::size_t kSlabAlignment = 16;
inline constexpr std::size_t slab_aligned(std::size_t count) {
  return (count + kSlabAlignment - 1) / kSlabAlignment * kSlabAlignment;
}

}  // namespace alexnet
