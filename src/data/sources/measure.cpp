#include "data/sources/measure.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>
#include <exception>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "alexnet/error.h"
#include "alexnet/image_formats.h"
#include "base/random.h"
#include "data/sources/load_middle.h"
#include "data/sources/read_again.h"
#include "image/preparation.h"

namespace alexnet {
namespace {

/// Sums over pixels per channel of the image; whole numbers, so that their order does not matter.
struct Sums {
  std::uint64_t pixels = 0;
  std::array<std::uint64_t, 3> value{}, square{};
  std::array<std::uint64_t, 3> product{};  // of channels 0 and 1, 0 and 2, 1 and 2

  void add(const Image& image) {
    const auto channels = static_cast<std::size_t>(image.channels);
    pixels += image.pixels.size() / channels;
    for (std::size_t i = 0; i < image.pixels.size(); i += channels)
      for (std::size_t c = 0; c < channels; ++c) {
        const std::uint64_t v = image.pixels[i + c];
        value[c] += v;
        square[c] += v * v;
      }
    if (channels == 3) add_products(image);
  }
  void add_products(const Image& image) {
    for (std::size_t i = 0; i < image.pixels.size(); i += 3) {
      const std::uint64_t r = image.pixels[i], g = image.pixels[i + 1], b = image.pixels[i + 2];
      product[0] += r * g;
      product[1] += r * b;
      product[2] += g * b;
    }
  }
  void add(const Sums& other) {
    pixels += other.pixels;
    for (std::size_t c = 0; c < value.size(); ++c) {
      value[c] += other.value[c];
      square[c] += other.square[c];
      product[c] += other.product[c];
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

/// The image, or nothing where it is broken. What cannot be read now is tried again: without it the sums, and
/// all that is trained with them, would be others. ReadError where that does not help.
std::optional<Image> load_for_sums(const ImageSource& source, std::size_t i, int channels,
                                   const Preprocessing& preprocessing) {
  try {
    return read_again([&] {
      return load_middle(source, i, channels, preprocessing, preprocessing.crop_width,
                         preprocessing.crop_height);
    });
  } catch (const ReadError&) {
    throw;
  } catch (const DataError&) {
    return std::nullopt;
  }
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
      for (std::size_t i = next++; i < chosen.size(); i = next++)
        if (const auto image = load_for_sums(source, chosen[i], channels, preprocessing)) own.add(*image);
    } catch (...) {
      const std::lock_guard lock(mutex);
      failure = std::current_exception();
      next = chosen.size();  // nobody needs the other images
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

using Matrix = std::array<std::array<double, 3>, 3>;

/// Jacobi's method: turns a symmetric matrix until it is diagonal; rows of the result are eigenvectors.
Matrix eigenvectors(Matrix& a) {
  Matrix vectors{{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
  constexpr int kSweeps = 32;  // some five are enough
  for (int sweep = 0; sweep < kSweeps; ++sweep)
    for (std::size_t p = 0; p < 2; ++p)
      for (std::size_t q = p + 1; q < 3; ++q) {
        if (a[p][q] == 0) continue;
        const double angle = 0.5 * std::atan2(2 * a[p][q], a[q][q] - a[p][p]);
        const double c = std::cos(angle), s = std::sin(angle);
        const auto turn = [&](double& x, double& y) {
          const double before = x;
          x = c * before - s * y;
          y = s * before + c * y;
        };
        for (std::size_t k = 0; k < 3; ++k) turn(a[p][k], a[q][k]);
        for (std::size_t k = 0; k < 3; ++k) turn(a[k][p], a[k][q]);
        for (std::size_t k = 0; k < 3; ++k) turn(vectors[p][k], vectors[q][k]);
      }
  return vectors;
}

[[noreturn]] void nothing_to_measure() {
  throw DataError("images", "none of the sampled images can be read",
                  fmt::format("check that they are {} files", image_format_names()));
}

}  // namespace

std::vector<float> measure_colour_axes(const ImageSource& source, const Preprocessing& preprocessing,
                                       std::uint64_t seed, std::size_t sample, int workers) {
  constexpr int kChannels = 3;
  check_sizes(preprocessing, kChannels);
  const Sums sums = sum(source, preprocessing, kChannels, choose(source.size(), seed, sample), workers);
  if (sums.pixels == 0) nothing_to_measure();
  const auto n = static_cast<double>(sums.pixels);
  const auto covariance = [&](std::uint64_t product, std::size_t i, std::size_t j) {
    return (static_cast<double>(product) / n -
            static_cast<double>(sums.value[i]) / n * (static_cast<double>(sums.value[j]) / n)) /
           (255.0 * 255.0);
  };
  Matrix matrix{};
  for (std::size_t i = 0; i < 3; ++i) matrix[i][i] = covariance(sums.square[i], i, i);
  for (std::size_t i = 0; i < 2; ++i)
    for (std::size_t j = i + 1; j < 3; ++j)
      matrix[i][j] = matrix[j][i] = covariance(sums.product[i + j - 1], i, j);
  const Matrix vectors = eigenvectors(matrix);
  std::array<std::size_t, 3> order{0, 1, 2};
  std::ranges::sort(order, [&](std::size_t a, std::size_t b) { return matrix[a][a] > matrix[b][b]; });
  std::vector<float> axes;
  for (const std::size_t axis : order)
    for (const double part : vectors[axis])
      axes.push_back(static_cast<float>(part * std::sqrt(std::max(matrix[axis][axis], 0.0))));
  return axes;
}

ChannelStatistics measure_channels(const ImageSource& source, const Preprocessing& preprocessing,
                                   int channels, std::uint64_t seed, std::size_t sample, int workers) {
  check_sizes(preprocessing, channels);
  const Sums sums = sum(source, preprocessing, channels, choose(source.size(), seed, sample), workers);
  if (sums.pixels == 0) nothing_to_measure();
  ChannelStatistics statistics;
  const double pixels = static_cast<double>(sums.pixels);
  for (int c = 0; c < channels; ++c) {
    const auto from = static_cast<std::size_t>(preprocessing.bgr ? channels - 1 - c : c);
    const double mean = static_cast<double>(sums.value[from]) / pixels;
    const double variance = static_cast<double>(sums.square[from]) / pixels - mean * mean;
    statistics.mean.push_back(static_cast<float>(mean / 255.0));
    // A channel that never changes stays what it is: there is nothing to scale.
    statistics.stddev.push_back(variance > 0 ? static_cast<float>(std::sqrt(variance) / 255.0) : 1.0F);
  }
  return statistics;
}

}  // namespace alexnet
