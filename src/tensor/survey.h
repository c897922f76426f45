// What one pass over many values tells of them, at the speed of memory.
#pragma once

#include <cstdint>
#include <span>

namespace alexnet {

struct Survey {
  /// No NaN, no infinity, and no magnitude of kMaxMagnitude or more.
  bool moderate = true;
  /// Changes with any bit of any value (fingerprint, not for security): see docs/file-formats.md.
  std::uint64_t digest = 0;
};

/// 2^64: products of two smaller values, and sums of many such, are float32 numbers.
inline constexpr float kMaxMagnitude = 0x1p64F;

/// Uses all compute threads; the result does not depend on their number.
Survey survey(std::span<const float> values);

}  // namespace alexnet
