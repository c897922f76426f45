#include "base/random.h"

#include <Random123/philox.h>

#include <cmath>
#include <numbers>
#include <utility>

namespace alexnet {

std::array<std::uint32_t, 4> random_block(std::uint64_t seed, Purpose purpose, std::uint32_t step,
                                          std::uint64_t index, std::uint32_t block) {
  using Philox = r123::Philox4x32;
  const Philox::key_type key = {{static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32)}};
  const auto index_high = static_cast<std::uint32_t>(index >> 32) & 0x00ffffffU;
  const Philox::ctr_type counter = {{block, static_cast<std::uint32_t>(index),
                                     index_high | (static_cast<std::uint32_t>(purpose) << 24), step}};
  const Philox::ctr_type bits = Philox()(counter, key);
  return {bits[0], bits[1], bits[2], bits[3]};
}

std::uint32_t RandomStream::next() {
  if (used_ == 4) {
    bits_ = random_block(seed_, purpose_, step_, index_, block_++);
    used_ = 0;
  }
  return bits_[used_++];
}

float RandomStream::uniform() { return static_cast<float>(next() >> 8) * 0x1p-24F; }

std::uint32_t RandomStream::below(std::uint32_t n) {
  // Lemire, "Fast random integer generation in an interval" (2019).
  std::uint64_t product = static_cast<std::uint64_t>(next()) * n;
  if (static_cast<std::uint32_t>(product) < n) {
    const std::uint32_t threshold = (0U - n) % n;
    while (static_cast<std::uint32_t>(product) < threshold) product = static_cast<std::uint64_t>(next()) * n;
  }
  return static_cast<std::uint32_t>(product >> 32);
}

float RandomStream::normal() {
  const float radius = std::sqrt(-2.0F * std::log(1.0F - uniform()));
  return radius * std::cos(2.0F * std::numbers::pi_v<float> * uniform());
}

void RandomStream::shuffle(std::span<std::uint32_t> items) {
  for (auto left = static_cast<std::uint32_t>(items.size()); left > 1; --left)
    std::swap(items[left - 1], items[below(left)]);
}

std::uint32_t dropout_draw(std::uint64_t seed, std::uint32_t step, std::uint32_t layer,
                           std::uint64_t element) {
  const std::uint64_t group = element / 8;
  const std::uint64_t index = layer | ((group >> 32) << 16);
  const auto bits = random_block(seed, Purpose::kDropout, step, index, static_cast<std::uint32_t>(group));
  const std::uint32_t word = bits[(element % 8) / 2];
  return (element % 2 == 0) ? (word & 0xffffU) : (word >> 16);
}

std::uint32_t dropout_threshold(float rate) {
  return static_cast<std::uint32_t>(std::lround(rate * 65536.0F));
}

}  // namespace alexnet
