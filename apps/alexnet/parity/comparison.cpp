#include "parity/comparison.h"

#include <algorithm>
#include <cmath>
#include <random>
#include <span>
#include <utility>
#include <variant>

#include "alexnet/classifier.h"
#include "alexnet/error.h"
#include "parity/source_program.h"

namespace alexnet::cli {
namespace {

constexpr std::int64_t kImages = 4;

/// Uniform from -2 to 2, as images are after mean and standard deviation: [n, channels, height, width].
Tensor fixed_input(const Extent& extent) {
  Tensor input({kImages, extent.channels, extent.height, extent.width});
  std::mt19937 random(2012);  // the same numbers on every system
  for (float& value : input.values) value = static_cast<float>(random()) * 0x1p-30F - 2.0F;
  return input;
}

/// [n, channels, height, width] as [n, height, width, channels].
Tensor channels_last(const Tensor& input) {
  const std::int64_t n = input.shape[0], c = input.shape[1], pixels = input.shape[2] * input.shape[3];
  Tensor result({n, input.shape[2], input.shape[3], c});
  for (std::int64_t image = 0; image < n; ++image)
    for (std::int64_t channel = 0; channel < c; ++channel)
      for (std::int64_t pixel = 0; pixel < pixels; ++pixel)
        result.values[static_cast<std::size_t>((image * pixels + pixel) * c + channel)] =
            input.values[static_cast<std::size_t>((image * c + channel) * pixels + pixel)];
  return result;
}

/// The layer whose outputs are the logits.
std::string logits_layer(const NetworkSpec& spec) {
  const std::size_t last = spec.layers.size() - 1;
  return spec.layers[std::holds_alternative<Softmax>(spec.layers[last].kind) && last > 0 ? last - 1 : last]
      .name;
}

void measure(const Tensor& ours, const Tensor& theirs, Comparison& result) {
  const auto classes = ours.values.size() / static_cast<std::size_t>(kImages);
  for (std::size_t i = 0; i < ours.values.size(); ++i) {
    const double difference = std::abs(double{ours.values[i]} - double{theirs.values[i]});
    // A NaN is a difference.
    result.largest_difference =
        difference <= result.largest_difference ? result.largest_difference : difference;
    result.mean_difference += difference / static_cast<double>(ours.values.size());
    result.largest_output = std::max(result.largest_output, std::abs(double{theirs.values[i]}));
  }
  result.images = kImages;
  const auto top = [&](const Tensor& outputs, std::int64_t image) {
    const auto row = std::span(outputs.values).subspan(static_cast<std::size_t>(image) * classes, classes);
    return std::ranges::max_element(row) - row.begin();
  };
  for (std::int64_t image = 0; image < kImages; ++image)
    if (top(ours, image) == top(theirs, image)) ++result.same_top1;
}

}  // namespace

Comparison compare_with_source(const Model& model, const std::filesystem::path& file, const Origin& origin) {
  Comparison result;
  result.layer = logits_layer(model.spec);
  const Tensor input = fixed_input(model.spec.input), ordered = channels_last(input);
  const Tensor ours = forward(model, ordered, result.layer);
  SourceOutputs source = run_source_program(file, origin, input);
  if (source.outputs && source.outputs->values.size() != ours.values.size())
    throw DataError(file.string(), source.program + " computes another number of outputs");
  result.with_source = source.outputs.has_value();
  result.program = result.with_source ? source.program : "this program's reference engine";
  result.reason = source.reason;
  measure(ours, result.with_source ? *source.outputs : forward(model, ordered, result.layer, "reference"),
          result);
  return result;
}

}  // namespace alexnet::cli
