// Weights of a fully connected layer in fewer bits: with a few images at a time, reading them is what
// costs.
#pragma once

#include <hwy/base.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "alexnet/tensor.h"
#include "tensor/slab.h"

namespace alexnet::cpu {

/// Memory for numbers of fewer bits, as Slab has it: huge pages save a tenth of the time of reading all.
template <class Number>
class RoundedNumbers {
 public:
  RoundedNumbers() = default;
  explicit RoundedNumbers(std::size_t count) : memory_((count * sizeof(Number) + 3) / 4), size_(count) {}
  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }
  Number* data() { return reinterpret_cast<Number*>(memory_.data()); }
  const Number* data() const { return reinterpret_cast<const Number*>(memory_.data()); }

 private:
  Slab memory_;
  std::size_t size_ = 0;
};

/// Rounded to the nearest, ties to even.
RoundedNumbers<hwy::bfloat16_t> round_to_bf16(std::span<const float> weights);

/// weights[unit][i] = scales[unit] * values[unit][i], off by half a scale at most.
struct ByteRows {
  RoundedNumbers<std::int8_t> values;  // -127..127
  std::vector<float> scales;           // largest weight of the unit / 127
};
ByteRows round_to_bytes(std::span<const float> weights, std::size_t units);

/// The same copies of a tensor, one for all networks that are loaded with it while one of them keeps its
/// copy; the copy keeps the tensor's storage. A tensor without a keeper is rounded for each. Thread-safe.
std::shared_ptr<const RoundedNumbers<hwy::bfloat16_t>> shared_bf16(const TensorView& weights);
std::shared_ptr<const ByteRows> shared_bytes(const TensorView& weights, std::size_t units);

/// whole[i] = x[i] / scale, rounded to -largest..largest; returns the scale. `largest` is less than 2^15.
float round_to_whole(std::span<const float> x, int largest, std::int16_t* whole);

}  // namespace alexnet::cpu
