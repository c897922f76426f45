// Weights of a fully connected layer in fewer bits: with a few pictures at a time, reading them is what
// costs.
#pragma once

#include <hwy/base.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace alexnet::cpu {

/// Rounded to the nearest, ties to even.
std::vector<hwy::bfloat16_t> round_to_bf16(std::span<const float> weights);

/// weights[unit][i] = scales[unit] * values[unit][i], off by half a scale at most.
struct ByteRows {
  std::vector<std::int8_t> values;  // -127..127
  std::vector<float> scales;        // largest weight of the unit / 127
};
ByteRows round_to_bytes(std::span<const float> weights, std::size_t units);

/// whole[i] = x[i] / scale, rounded to -largest..largest; returns the scale. `largest` is less than 2^15.
float round_to_whole(std::span<const float> x, int largest, std::int16_t* whole);

}  // namespace alexnet::cpu
