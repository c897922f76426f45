// How weights start.
#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "alexnet/network.h"
#include "base/parallel.h"
#include "base/random.h"

namespace alexnet {
namespace {

constexpr std::int64_t kDrawsPerBlock = 4;

float unit(std::uint32_t bits) { return static_cast<float>(bits >> 8) * 0x1p-24F; }  // [0, 1)

struct Uniform {
  float limit;
  std::array<float, 4> operator()(const std::array<std::uint32_t, 4>& bits) const {
    std::array<float, 4> draws{};
    for (std::size_t i = 0; i < 4; ++i) draws[i] = limit * (2.0F * unit(bits[i]) - 1.0F);
    return draws;
  }
};

/// Box-Muller, both of each pair.
struct Gaussian {
  float stddev;
  std::array<float, 4> operator()(const std::array<std::uint32_t, 4>& bits) const {
    std::array<float, 4> draws{};
    for (std::size_t i = 0; i < 4; i += 2) {
      const float radius = stddev * std::sqrt(-2.0F * std::log(1.0F - unit(bits[i])));
      const float angle = 2.0F * std::numbers::pi_v<float> * unit(bits[i + 1]);
      draws[i] = radius * std::cos(angle);
      draws[i + 1] = radius * std::sin(angle);
    }
    return draws;
  }
};

/// Draw e of a tensor is number e % 4 of Philox block e / 4 of the stream that its index in the list names.
template <class Distribution>
void draw(std::span<float> values, std::uint64_t seed, std::uint64_t tensor, const Distribution& draws_of) {
  const auto count = static_cast<std::int64_t>(values.size());
  const std::int64_t blocks = (count + kDrawsPerBlock - 1) / kDrawsPerBlock;
  constexpr std::int64_t kGrain = 4096;
  parallel_for(blocks, kGrain, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t block = begin; block < end; ++block) {
      // Block numbers have 32 bits; what is beyond goes to the upper part of the index.
      const std::uint64_t index = tensor | (static_cast<std::uint64_t>(block) >> 32 << 32);
      const std::array<float, 4> draws =
          draws_of(random_block(seed, Purpose::kInitialWeights, 0, index, static_cast<std::uint32_t>(block)));
      const std::int64_t first = block * kDrawsPerBlock;
      std::copy_n(draws.begin(), std::min(kDrawsPerBlock, count - first), values.begin() + first);
    }
  });
}

/// Pixels of a kernel; 1 of a dense layer.
double area(const Shape& kernel) {
  double pixels = 1;
  for (std::size_t i = 2; i < kernel.size(); ++i) pixels *= static_cast<double>(kernel[i]);
  return pixels;
}

double fan_in(const Shape& kernel) { return area(kernel) * static_cast<double>(kernel[1]); }

void draw_kernel(Tensor& tensor, const Initial& initial, int groups, std::uint64_t seed,
                 std::uint64_t index) {
  if (initial.kind == Initial::Kind::kGaussian) {
    draw(tensor.values, seed, index, Gaussian{initial.stddev});
    return;
  }
  const double fan_out = area(tensor.shape) * static_cast<double>(tensor.shape[0]) / groups;
  const double limit = initial.kind == Initial::Kind::kFanInUniform
                           ? std::sqrt(1.0 / fan_in(tensor.shape))
                           : std::sqrt(6.0 / (fan_in(tensor.shape) + fan_out));
  draw(tensor.values, seed, index, Uniform{static_cast<float>(limit)});
}

/// `kernel` is the shape of the weights that the biases go with.
void draw_bias(Tensor& tensor, const Initial& initial, const Shape& kernel, std::uint64_t seed,
               std::uint64_t index) {
  if (initial.kind == Initial::Kind::kFanInUniform)
    draw(tensor.values, seed, index, Uniform{static_cast<float>(std::sqrt(1.0 / fan_in(kernel)))});
  else
    std::fill(tensor.values.begin(), tensor.values.end(), initial.bias);
}

}  // namespace

NamedTensors initial_weights(const NetworkSpec& spec, std::uint64_t seed) {
  NamedTensors weights;
  const std::vector<ParameterInfo> list = parameters(spec);
  for (std::size_t i = 0; i < list.size(); ++i) {
    const ParameterInfo& info = list[i];
    const LayerKind& layer = spec.layers[info.layer].kind;
    const Conv* conv = std::get_if<Conv>(&layer);
    const Dense* dense = std::get_if<Dense>(&layer);
    const Initial initial = conv != nullptr ? conv->initial : dense != nullptr ? dense->initial : Initial{};
    Tensor tensor(info.shape);
    switch (info.role) {
      case Role::kKernel:
        draw_kernel(tensor, initial, conv != nullptr ? conv->groups : 1, seed, i);
        break;
      case Role::kBias:
        draw_bias(tensor, initial, list[i - 1].shape, seed, i);  // behind its kernel
        break;
      case Role::kScale:
      case Role::kMovingVariance:
        std::fill(tensor.values.begin(), tensor.values.end(), 1.0F);
        break;
      case Role::kShift:
      case Role::kMovingMean:
        break;  // zeros
    }
    weights.emplace(info.name, TensorView::own(std::move(tensor)));
  }
  return weights;
}

}  // namespace alexnet
