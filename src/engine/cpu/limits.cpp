// Compiles limits_simd.h for every instruction set and chooses at run time.
#include "engine/cpu/limits.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "base/parallel.h"
#include "base/stopwatch.h"
#include "engine/cpu/kernels/amx/bf16_products.h"
#include "engine/cpu/kernels/amx/tiles.h"
#include "engine/cpu/plan/processor.h"
#include "tensor/slab.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "engine/cpu/limits_simd.h"
#include <hwy/foreach_target.h>
// The instruction set that the compiler is set to comes last.
#include "engine/cpu/limits_simd.h"

namespace alexnet::cpu {

HWY_EXPORT(multiply_add_any);

namespace {

double seconds_of(const auto& work) {
  const Stopwatch watch;
  work();
  return watch.seconds();
}

constexpr int kTries = 3;  // the best counts: what disturbs only slows down

/// Operations per second of all threads together; loop(sink) returns the operations it made.
template <class Loop>
double rate_of(const Loop& loop) {
  const auto threads = static_cast<std::size_t>(thread_count());
  std::vector<double> made(threads);
  std::vector<float> sinks(threads);
  double best = 0;
  for (int i = 0; i < kTries; ++i) {
    const double seconds = seconds_of([&] {
      parallel_for(thread_count(), 1, [&](std::int64_t begin, std::int64_t end) {
        for (auto t = static_cast<std::size_t>(begin); t < static_cast<std::size_t>(end); ++t)
          made[t] = loop(&sinks[t]);
      });
    });
    double all = 0;
    for (const double one : made) all += one;
    best = std::max(best, all / seconds);
  }
  return best;
}

double multiply_tiles(std::int64_t rounds, float* /*sink*/) {
  const TileScope set_up;
  multiply_tiles_in_registers(rounds);
  return static_cast<double>(rounds) * 8 * kTileSide * kTileSide * kTileDepth;
}

double bf16_rate() {
  if (this_processor().multiplies_tiles)
    return 2 * rate_of([](float* sink) { return multiply_tiles(2'000'000, sink); });
  if (!has_bf16_products()) return 0;
  return 2 * rate_of([](float* sink) { return multiply_bf16_in_registers(20'000'000, sink); });
}

double triad() {
  constexpr std::size_t kFloats = std::size_t{1} << 25;  // 128 MiB each
  Slab a(kFloats), b(kFloats), c(kFloats);
  const auto pass = [&] {
    parallel_for(static_cast<std::int64_t>(kFloats), 1 << 16, [&](std::int64_t begin, std::int64_t end) {
      float* to = a.data();
      const float *left = b.data(), *right = c.data();
      for (std::int64_t i = begin; i < end; ++i) to[i] = left[i] + 3.0F * right[i];
    });
  };
  // What was never written is all one page of zeros, which lies in the cache.
  parallel_for(static_cast<std::int64_t>(kFloats), 1 << 16, [&](std::int64_t begin, std::int64_t end) {
    std::fill(b.data() + begin, b.data() + end, 1.0F);
    std::fill(c.data() + begin, c.data() + end, 2.0F);
  });
  pass();
  double best = 1e9;
  for (int i = 0; i < kTries; ++i) best = std::min(best, seconds_of(pass));
  return 3.0 * kFloats * sizeof(float) / best;
}

}  // namespace

EngineLimits measure_limits() {
  EngineLimits limits;
  limits.float32 =
      2 * rate_of([](float* sink) { return HWY_DYNAMIC_DISPATCH(multiply_add_any)(20'000'000, sink); });
  limits.bf16 = bf16_rate();
  limits.memory = triad();
  return limits;
}

}  // namespace alexnet::cpu
