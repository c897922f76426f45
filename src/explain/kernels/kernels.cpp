#include "alexnet/kernels.h"

#include <algorithm>
#include <cmath>

#include "alexnet/error.h"

namespace alexnet {
namespace {

/// One kernel [channels, height, width] as an image.
Image image_of(std::span<const float> kernel, int channels, const Size2& size, bool bgr) {
  float largest = 0;
  for (const float weight : kernel) largest = std::max(largest, std::abs(weight));
  const float scale = largest > 0 ? 127.5F / largest : 0;
  Image image{size.width, size.height, channels, {}};
  const std::size_t plane = kernel.size() / static_cast<std::size_t>(channels);
  for (std::size_t pixel = 0; pixel < plane; ++pixel)
    for (int c = 0; c < channels; ++c) {
      const auto channel = static_cast<std::size_t>(bgr ? channels - 1 - c : c);
      image.pixels.push_back(
          static_cast<std::uint8_t>(std::lround(127.5F + scale * kernel[channel * plane + pixel])));
    }
  return image;
}

}  // namespace

KernelImages kernel_images(const Model& model) {
  const auto first = std::ranges::find_if(
      model.spec.layers, [](const Layer& layer) { return std::holds_alternative<Conv>(layer.kind); });
  if (first == model.spec.layers.end()) throw UsageError(model.spec.name, "has no convolution");
  const auto& conv = std::get<Conv>(first->kind);
  const TensorView& weight = model.weights.at(first->name + ".weight");
  const auto channels = static_cast<int>(weight.shape[1]);
  if (channels != 1 && channels != 3)
    throw UsageError(first->name, "its kernels have " + std::to_string(channels) + " channels",
                     "only kernels of 1 or 3 channels can be shown as images");
  KernelImages result{first->name, {}};
  const std::size_t size = weight.values.size() / static_cast<std::size_t>(conv.filters);
  for (std::size_t i = 0; i < weight.values.size(); i += size)
    result.kernels.push_back(
        image_of(weight.values.subspan(i, size), channels, conv.kernel, model.preprocessing.bgr));
  return result;
}

}  // namespace alexnet
