#include "formats/check_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>

#include "alexnet/error.h"
#include "base/digest.h"
#include "tensor/finite.h"
#include "tensor/survey.h"

namespace alexnet {
namespace {

void check_preprocessing(const Model& model, const std::string& where) {
  const Preprocessing& preprocessing = model.preprocessing;
  const Extent& input = model.spec.input;
  if (preprocessing.resize < 1 || preprocessing.resize > Preprocessing::kLargestResize)
    throw DataError(where, fmt::format("its preprocessing cannot resize to {}", preprocessing.resize));
  if (preprocessing.crop_width != input.width || preprocessing.crop_height != input.height)
    throw DataError(
        where, fmt::format("its preprocessing crops to {}x{}, but its network expects {}x{}",
                           preprocessing.crop_width, preprocessing.crop_height, input.width, input.height));
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

/// The digest of all tensors from those of each, by name.
std::string joined(const std::map<std::string, std::uint64_t>& digests) {
  Digest all;
  for (const auto& [name, digest] : digests) {
    all.add(name);
    all.add(digest);
  }
  return fmt::format("{:016x}", all.value());
}

}  // namespace

std::string check_model(const Model& model, const std::string& where) {
  const auto outputs = static_cast<std::size_t>(class_count(model.spec));
  if (model.classes.size() != outputs)
    throw DataError(where, fmt::format("names {} classes, but its network has {} outputs",
                                       model.classes.size(), outputs));
  check_preprocessing(model, where);
  return check_weights(model.spec, model.weights, where);
}

std::string check_weights(const NetworkSpec& spec, const NamedTensors& weights, const std::string& where) {
  std::map<std::string, std::uint64_t> digests;
  for (const ParameterInfo& info : parameters(spec)) {
    const auto found = weights.find(info.name);
    if (found == weights.end()) throw DataError(where, fmt::format("tensor '{}' is missing", info.name));
    digests.emplace(info.name, check_tensor(info, found->second, where));
  }
  for (const auto& [name, tensor] : weights)
    if (!digests.contains(name))
      throw DataError(where, fmt::format("tensor '{}' does not belong to its network", name));
  return joined(digests);
}

std::string digest_of(const NamedTensors& tensors) {
  std::map<std::string, std::uint64_t> digests;
  for (const auto& [name, tensor] : tensors) digests.emplace(name, survey(tensor.values).digest);
  return joined(digests);
}

}  // namespace alexnet
