#include "formats/check_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>

#include "alexnet/error.h"
#include "base/digest.h"
#include "image/preparation.h"
#include "tensor/finite.h"
#include "tensor/survey.h"

namespace alexnet {
namespace {

void check_preprocessing(const Model& model, const std::string& where) {
  const Preprocessing& preprocessing = model.preprocessing;
  const Extent& input = model.spec.input;
  const Resize& resize = preprocessing.resize;
  if (resize.short_side() < 1 || std::max(resize.width, resize.height) > Preprocessing::kLargestResize)
    throw DataError(where, fmt::format("its preprocessing cannot resize to {}", to_string(resize)));
  if (preprocessing.crop_width != input.width || preprocessing.crop_height != input.height)
    throw DataError(
        where, fmt::format("its preprocessing crops to {}x{}, but its network expects {}x{}",
                           preprocessing.crop_width, preprocessing.crop_height, input.width, input.height));
  if (!resize.keeps_shape && (resize.width < input.width || resize.height < input.height))
    throw DataError(where, fmt::format("its preprocessing crops to {}x{} after it has scaled to {}",
                                       input.width, input.height, to_string(resize)));
  const auto channels = static_cast<std::size_t>(input.channels);
  if (preprocessing.mean.size() != channels || preprocessing.stddev.size() != channels)
    throw DataError(where,
                    fmt::format("its preprocessing has {} means and {} standard deviations for {} channels",
                                preprocessing.mean.size(), preprocessing.stddev.size(), channels));
  const auto finite = [](float value) { return std::isfinite(value); };
  if (!std::ranges::all_of(preprocessing.mean, finite) ||
      !std::ranges::all_of(preprocessing.stddev,
                           [](float value) { return value > 0.0F && std::isfinite(value); }))
    throw DataError(where,
                    "the means of its preprocessing must be numbers, its standard deviations more than 0");
  if (!mean_image_fits(preprocessing, input.channels) ||
      !std::ranges::all_of(preprocessing.mean_image.values, finite))
    throw DataError(where, fmt::format("its mean image, {}, is not one of numbers that has the size of the "
                                       "crop or of the scaled image",
                                       to_string(preprocessing.mean_image.shape)));
}

/// Returns the digest of its values.
std::uint64_t check_tensor(const ParameterInfo& info, const TensorView& tensor, const std::string& where) {
  if (tensor.shape != info.shape)
    throw DataError(where, fmt::format("tensor '{}' has shape {}, but the network needs {}", info.name,
                                       to_string(tensor.shape), to_string(info.shape)));
  const Survey values = survey(tensor.values);
  if (!values.moderate)
    throw DataError(where,
                    fmt::format("tensor '{}' holds values that are {}", info.name,
                                all_finite(tensor.values) ? "too large to compute with" : "not finite"),
                    "use an earlier model of that training");
  if (info.role == Role::kMovingVariance && std::ranges::any_of(tensor.values, [](float v) { return v < 0; }))
    throw DataError(where, fmt::format("tensor '{}' holds a negative variance", info.name));
  return values.digest;
}

/// Digests of tensors by name.
using Digests = std::map<std::string, std::uint64_t>;

/// The digest of all tensors from those of each, by name.
std::string joined(const Digests& digests) {
  Digest all;
  for (const auto& [name, digest] : digests) {
    all.add(name);
    all.add(digest);
  }
  return fmt::format("{:016x}", all.value());
}

Digests check_tensors(const NetworkSpec& spec, const NamedTensors& weights, const std::string& where) {
  Digests digests;
  for (const ParameterInfo& info : parameters(spec)) {
    const auto found = weights.find(info.name);
    if (found == weights.end()) throw DataError(where, fmt::format("tensor '{}' is missing", info.name));
    digests.emplace(info.name, check_tensor(info, found->second, where));
  }
  for (const auto& [name, tensor] : weights)
    if (!digests.contains(name))
      throw DataError(where, fmt::format("tensor '{}' does not belong to its network", name));
  return digests;
}

}  // namespace

std::string check_model(const Model& model, const std::string& where) {
  const auto outputs = static_cast<std::size_t>(class_count(model.spec));
  if (model.classes.size() != outputs)
    throw DataError(where, fmt::format("names {} classes, but its network has {} outputs",
                                       model.classes.size(), outputs));
  check_preprocessing(model, where);
  Digests digests = check_tensors(model.spec, model.weights, where);
  if (const auto& image = model.preprocessing.mean_image.values; !image.empty())
    digests.emplace(kMeanImage, survey(image).digest);
  return joined(digests);
}

std::string check_weights(const NetworkSpec& spec, const NamedTensors& weights, const std::string& where) {
  return joined(check_tensors(spec, weights, where));
}

NamedTensors tensors_of(const Model& model) {
  NamedTensors tensors = model.weights;
  if (const TensorView& image = model.preprocessing.mean_image; !image.values.empty())
    tensors.emplace(kMeanImage, image);
  return tensors;
}

std::string digest_of(const NamedTensors& tensors) {
  Digests digests;
  for (const auto& [name, tensor] : tensors) digests.emplace(name, survey(tensor.values).digest);
  return joined(digests);
}

}  // namespace alexnet
