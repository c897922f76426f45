#include "engine/cpu/dense/rounded_weights.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <map>
#include <mutex>
#include <utility>

#include "base/parallel.h"

namespace alexnet::cpu {
namespace {

hwy::bfloat16_t to_bf16(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  // Rounding could carry a NaN over into a zero: it keeps its upper half, with a bit that makes it one.
  if (std::isnan(value)) return {static_cast<std::uint16_t>((bits >> 16) | 0x40U)};
  const std::uint32_t half = 0x7FFFU + ((bits >> 16) & 1U);  // ties to even
  return {static_cast<std::uint16_t>((bits + half) >> 16)};
}

template <class Whole>
float round_row(std::span<const float> row, int max, Whole* whole) {
  // Adding and taking away 1.5 * 2^23 rounds to a whole number, many at a time.
  constexpr float kRound = 12582912.0F;
  float magnitude = 0;
  for (const float value : row) magnitude = std::max(magnitude, std::abs(value));
  const float steps = magnitude > 0 ? static_cast<float>(max) / magnitude : 0;
  for (std::size_t i = 0; i < row.size(); ++i)
    whole[i] = static_cast<Whole>(static_cast<int>(row[i] * steps + kRound - kRound));
  return magnitude / static_cast<float>(max);
}

/// Copies made of tensors, found by where the tensor lies for as long as someone has the copy: a copy keeps
/// its tensor, so that no other one can lie there meanwhile.
template <class Rounded>
class SharedCopies {
 public:
  template <class Round>
  std::shared_ptr<const Rounded> of(const TensorView& weights, const Round& round) {
    struct Kept {
      TensorView tensor;
      Rounded rounded;
    };
    const auto make = [&] {
      const auto kept = std::make_shared<const Kept>(Kept{weights, round(weights.values)});
      return std::shared_ptr<const Rounded>(kept, &kept->rounded);
    };
    if (weights.keep == nullptr) return make();
    // Whoever comes while a copy is made waits for it.
    const std::lock_guard lock(mutex_);
    std::erase_if(copies_, [](const auto& entry) { return entry.second.expired(); });
    auto& known = copies_[{weights.values.data(), weights.values.size()}];
    auto copy = known.lock();
    if (copy == nullptr) known = copy = make();
    return copy;
  }

 private:
  std::mutex mutex_;
  std::map<std::pair<const float*, std::size_t>, std::weak_ptr<const Rounded>> copies_;
};

}  // namespace

RoundedNumbers<hwy::bfloat16_t> round_to_bf16(std::span<const float> weights) {
  RoundedNumbers<hwy::bfloat16_t> rounded(weights.size());
  parallel_for(static_cast<std::int64_t>(weights.size()), 1 << 16, [&](std::int64_t begin, std::int64_t end) {
    std::transform(weights.begin() + begin, weights.begin() + end, rounded.data() + begin, to_bf16);
  });
  return rounded;
}

ByteRows round_to_bytes(std::span<const float> weights, std::size_t units) {
  ByteRows rows{RoundedNumbers<std::int8_t>(weights.size()), std::vector<float>(units)};
  const std::size_t in = weights.size() / units;
  parallel_for(static_cast<std::int64_t>(units), 16, [&](std::int64_t begin, std::int64_t end) {
    for (auto unit = static_cast<std::size_t>(begin); unit < static_cast<std::size_t>(end); ++unit)
      rows.scales[unit] = round_row(weights.subspan(unit * in, in), 127, rows.values.data() + unit * in);
  });
  return rows;
}

std::shared_ptr<const RoundedNumbers<hwy::bfloat16_t>> shared_bf16(const TensorView& weights) {
  static SharedCopies<RoundedNumbers<hwy::bfloat16_t>> copies;
  return copies.of(weights, round_to_bf16);
}

std::shared_ptr<const ByteRows> shared_bytes(const TensorView& weights, std::size_t units) {
  static SharedCopies<ByteRows> copies;
  return copies.of(weights, [&](std::span<const float> values) { return round_to_bytes(values, units); });
}

float round_to_whole(std::span<const float> x, int largest, std::int16_t* whole) {
  return round_row(x, largest, whole);
}

}  // namespace alexnet::cpu
