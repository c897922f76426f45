#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>

#include "alexnet/error.h"
#include "base/random.h"
#include "data/loader.h"
#include "data/preparation.h"

namespace alexnet {
namespace {

/// Sums over pixels per channel of the picture; whole numbers, so that their order does not matter.
struct Sums {
  std::uint64_t pixels = 0;
  std::array<std::uint64_t, 3> value{}, square{};

  void add(const Image& image) {
    const auto channels = static_cast<std::size_t>(image.channels);
    pixels += image.pixels.size() / channels;
    for (std::size_t i = 0; i < image.pixels.size(); i += channels)
      for (std::size_t c = 0; c < channels; ++c) {
        const std::uint64_t v = image.pixels[i + c];
        value[c] += v;
        square[c] += v * v;
      }
  }
  void add(const Sums& other) {
    pixels += other.pixels;
    for (std::size_t c = 0; c < value.size(); ++c) {
      value[c] += other.value[c];
      square[c] += other.square[c];
    }
  }
};

std::vector<std::size_t> choose(std::size_t size, std::uint64_t seed, std::size_t sample) {
  std::vector<std::pair<std::array<std::uint32_t, 4>, std::size_t>> draws;
  for (std::size_t i = 0; i < size; ++i) draws.emplace_back(random_block(seed, Purpose::kSample, 0, i, 0), i);
  std::sort(draws.begin(), draws.end());
  std::vector<std::size_t> chosen;
  for (std::size_t i = 0; i < std::min(size, sample); ++i) chosen.push_back(draws[i].second);
  return chosen;
}

Sums sum(const ImageSource& source, const Preprocessing& preprocessing, int channels,
         const std::vector<std::size_t>& chosen, int workers) {
  Sums total;
  std::mutex mutex;
  std::exception_ptr failure;
  std::atomic<std::size_t> next = 0;
  const auto work = [&] {
    Sums own;
    try {
      for (std::size_t i = next++; i < chosen.size(); i = next++) try {
          own.add(load_middle(source, chosen[i], channels, preprocessing.resize, preprocessing.crop_width,
                              preprocessing.crop_height));
        } catch (const DataError&) {  // passed over
        }
    } catch (...) {
      const std::lock_guard lock(mutex);
      failure = std::current_exception();
    }
    const std::lock_guard lock(mutex);
    total.add(own);
  };
  {
    std::vector<std::jthread> threads;
    for (int w = 0; w < std::max(workers, 1); ++w) threads.emplace_back(work);
  }
  if (failure) std::rethrow_exception(failure);
  return total;
}

}  // namespace

ChannelStatistics measure_channels(const ImageSource& source, const Preprocessing& preprocessing,
                                   int channels, std::uint64_t seed, std::size_t sample, int workers) {
  check_sizes(preprocessing, channels);
  const Sums sums = sum(source, preprocessing, channels, choose(source.size(), seed, sample), workers);
  if (sums.pixels == 0)
    throw DataError("pictures", "none of those looked at can be read",
                    "check that they are JPEG, PNG or WebP files");
  ChannelStatistics statistics;
  const double pixels = static_cast<double>(sums.pixels);
  for (int c = 0; c < channels; ++c) {
    const auto from = static_cast<std::size_t>(preprocessing.bgr ? channels - 1 - c : c);
    const double mean = static_cast<double>(sums.value[from]) / pixels;
    const double variance = static_cast<double>(sums.square[from]) / pixels - mean * mean;
    statistics.mean.push_back(static_cast<float>(mean / 255.0));
    // A channel that never changes stays what it is: there is nothing to scale.
    statistics.deviation.push_back(variance > 0 ? static_cast<float>(std::sqrt(variance) / 255.0) : 1.0F);
  }
  return statistics;
}

}  // namespace alexnet
