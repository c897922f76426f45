#include "formats/check_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "alexnet/error.h"
#include "tensor/finite.h"

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
  if (preprocessing.mean.size() != channels || preprocessing.deviation.size() != channels)
    throw DataError(where,
                    fmt::format("its preprocessing has {} means and {} standard deviations for {} channels",
                                preprocessing.mean.size(), preprocessing.deviation.size(), channels));
  const auto finite = [](float value) { return std::isfinite(value); };
  if (!std::ranges::all_of(preprocessing.mean, finite) ||
      !std::ranges::all_of(preprocessing.deviation,
                           [](float value) { return value > 0.0F && std::isfinite(value); }))
    throw DataError(where,
                    "the means of its preprocessing must be numbers, its standard deviations more than 0");
}

void check_tensor(const ParameterInfo& info, const TensorView& tensor, const std::string& where) {
  if (tensor.shape != info.shape)
    throw DataError(where, fmt::format("tensor '{}' has shape {}, but the network needs {}", info.name,
                                       to_string(tensor.shape), to_string(info.shape)));
  if (!all_finite(tensor.values))
    throw DataError(where, fmt::format("tensor '{}' holds values that are not finite", info.name),
                    "use an earlier model of that training");
  if (info.role == Role::kMovingVariance && std::ranges::any_of(tensor.values, [](float v) { return v < 0; }))
    throw DataError(where, fmt::format("tensor '{}' holds a negative variance", info.name));
}

}  // namespace

void check_model(const Model& model, const std::string& where) {
  const auto outputs = static_cast<std::size_t>(class_count(model.spec));
  if (model.classes.size() != outputs)
    throw DataError(where, fmt::format("names {} classes, but its network has {} outputs",
                                       model.classes.size(), outputs));
  check_preprocessing(model, where);
  const std::vector<ParameterInfo> needed = parameters(model.spec);
  for (const ParameterInfo& info : needed) {
    const auto found = model.weights.find(info.name);
    if (found == model.weights.end())
      throw DataError(where, fmt::format("tensor '{}' is missing", info.name));
    check_tensor(info, found->second, where);
  }
  for (const auto& [name, tensor] : model.weights)
    if (std::ranges::find(needed, name, &ParameterInfo::name) == needed.end())
      throw DataError(where, fmt::format("tensor '{}' does not belong to its network", name));
}

}  // namespace alexnet
