// Keras's values, as tools/make_keras_goldens.py stores them, and the formula they rest on.
#pragma once

#include <cmath>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "alexnet/network.h"

namespace alexnet::keras {

// --- the formula -------------------------------------------------------------------------------------------

/// A stream of random bits by name: FNV-1a of the name, SplitMix64 of the element's number.
class Stream {
 public:
  explicit Stream(std::string_view name) {
    for (const char c : name) seed_ = (seed_ ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
  }
  std::uint64_t bits(std::uint64_t element) const {
    std::uint64_t z = seed_ + (element + 1) * 0x9E3779B97F4A7C15ULL;
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9ULL;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBULL;
    return z ^ (z >> 31U);
  }
  /// In [-1, 1), 24 bits: exact in float32 here and in NumPy.
  float uniform(std::uint64_t element) const { return uniform_of(bits(element), 40); }
  static float uniform_of(std::uint64_t bits, unsigned shift) {
    constexpr float kHalf = 1U << 23U;
    return (static_cast<float>((bits >> shift) & 0xFFFFFFU) - kHalf) / kHalf;
  }

 private:
  std::uint64_t seed_ = 0xCBF29CE484222325ULL;
};

/// Every parameter and statistic of the network, as the Keras run started with them.
NamedTensors weights(const NetworkSpec& spec);
/// The images of a step of a series, [batch, depth, height, width], and their labels.
void fill_input(int series, int step, std::span<float> nchw);
std::vector<int> labels(int series, int step, int batch, int classes);

// --- the stored values -------------------------------------------------------------------------------------

/// What is kept of one tensor.
struct Digest {
  std::string name;
  std::size_t count = 0;
  std::vector<double> samples, projections;
  double norm = 0, largest = 0;
  // Changes below a thousandth of the values that changed are not measured more finely than that: float32
  // rounds the values themselves to 6e-8.
  double min_norm = 0, min_largest = 0;
};

/// The digest of a tensor of ours. `name` decides which elements are sampled.
Digest digest(const std::string& name, std::span<const float> values);
/// Of `values` - `before`, computed in double.
Digest digest_of_change(const std::string& name, std::span<const float> values,
                        std::span<const float> before);
/// Elements against the largest one, norm and projections against the norm: the worst of them. Infinite when
/// something is not finite or the sizes differ.
double difference(const Digest& want, const Digest& got);

struct Quantity {
  double keras_float32_error = 0;  // how far Keras in float32 is from Keras in float64: the yardstick
  std::map<std::string, Digest> tensors;
};

struct Case {
  std::string label;
  int width = 0, height = 0, depth = 0, classes = 0, batch = 0, steps = 0, series = 0;
  std::map<std::string, Quantity> quantities;

  NetworkSpec spec() const;  // dropout 0 where the case has training steps
};

/// The case of this label in the file at `path`; throws when there is none.
Case read_case(const std::string& path, const std::string& label);

}  // namespace alexnet::keras
