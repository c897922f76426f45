#include "parity/comparison.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <random>
#include <span>
#include <utility>
#include <variant>

#include "alexnet/classifier.h"
#include "alexnet/error.h"
#include "alexnet/image_files.h"
#include "parity/source_program.h"

namespace alexnet::cli {
namespace {

using Outputs = std::map<std::string, Tensor>;  // by layer: [n, channels, height, width], or [n, units]

/// Uniform from -2 to 2, as images are after mean and standard deviation: [n, channels, height, width].
Tensor fixed_input(const Extent& extent) {
  constexpr std::int64_t kImages = 4;
  Tensor input({kImages, extent.channels, extent.height, extent.width});
  std::mt19937 random(2012);  // the same numbers on every system
  for (float& value : input.values) value = static_cast<float>(random()) * 0x1p-30F - 2.0F;
  return input;
}

/// Images as the model sees them: [n, channels, height, width].
Tensor prepared(const Model& model, const std::filesystem::path& path, std::size_t max) {
  std::vector<std::filesystem::path> files = {path};
  if (std::filesystem::is_directory(path)) files = list_image_files(path).files;
  if (files.empty()) throw DataError(path.string(), "contains no images");
  files.resize(std::min(files.size(), max));
  const Extent extent = model.spec.input;
  Tensor input({std::ssize(files), extent.channels, extent.height, extent.width});
  const auto size = static_cast<std::size_t>(extent.size());
  for (std::size_t i = 0; i < files.size(); ++i)
    prepare_image(load_image(files[i], extent.channels), model.preprocessing,
                  std::span(input.values).subspan(i * size, size));
  return input;
}

/// [n, a, b] as [n, b, a], of images as rows of pixels and columns of channels, or the other way round.
void transpose(std::span<const float> from, std::int64_t n, std::int64_t rows, std::int64_t columns,
               std::span<float> to) {
  for (std::int64_t image = 0; image < n; ++image)
    for (std::int64_t row = 0; row < rows; ++row)
      for (std::int64_t column = 0; column < columns; ++column)
        to[static_cast<std::size_t>((image * columns + column) * rows + row)] =
            from[static_cast<std::size_t>((image * rows + row) * columns + column)];
}

/// What this program computes. `input` is [n, channels, height, width].
Outputs compute(const Model& model, const Tensor& input, const std::vector<std::string>& layers,
                const std::string& engine) {
  const std::int64_t n = input.shape[0], channels = input.shape[1], pixels = input.shape[2] * input.shape[3];
  Tensor last({n, input.shape[2], input.shape[3], channels});
  transpose(input.values, n, channels, pixels, last.values);
  std::vector<Tensor> found = forward_layers(model, last, layers, engine);
  Outputs outputs;
  for (std::size_t i = 0; i < layers.size(); ++i) {
    Tensor& layer = found[i];
    if (layer.shape.size() == 4) {
      Tensor first({n, layer.shape[3], layer.shape[1], layer.shape[2]});
      transpose(layer.values, n, layer.shape[1] * layer.shape[2], layer.shape[3], first.values);
      layer = std::move(first);
    }
    outputs.emplace(layers[i], std::move(layer));
  }
  return outputs;
}

/// The layer whose outputs are the logits.
std::string logits_layer(const NetworkSpec& spec) {
  const std::size_t last = spec.layers.size() - 1;
  return spec.layers[std::holds_alternative<Softmax>(spec.layers[last].kind) && last > 0 ? last - 1 : last]
      .name;
}

Difference difference_of(const std::string& layer, const Tensor& ours, const Tensor& theirs) {
  Difference result{.layer = layer};
  for (std::size_t i = 0; i < ours.values.size(); ++i) {
    const double difference = std::abs(double{ours.values[i]} - double{theirs.values[i]});
    // A NaN is a difference.
    result.largest = difference <= result.largest ? result.largest : difference;
    result.mean += difference / static_cast<double>(ours.values.size());
    result.largest_output = std::max(result.largest_output, std::abs(double{theirs.values[i]}));
  }
  return result;
}

std::int64_t count_same_top1(const Tensor& ours, const Tensor& theirs) {
  const std::int64_t images = ours.shape[0];
  const std::size_t classes = ours.values.size() / static_cast<std::size_t>(images);
  const auto top = [&](const Tensor& outputs, std::int64_t image) {
    const auto row = std::span(outputs.values).subspan(static_cast<std::size_t>(image) * classes, classes);
    return std::ranges::max_element(row) - row.begin();
  };
  std::int64_t same = 0;
  for (std::int64_t image = 0; image < images; ++image)
    if (top(ours, image) == top(theirs, image)) ++same;
  return same;
}

class Comparer {
 public:
  Comparer(const Model& model, const std::filesystem::path& file, const std::filesystem::path& network,
           Comparison& result)
      : model_(model), file_(file), network_(network), result_(result) {}

  ComparedInputs compare(const std::string& what, const Tensor& input, const Origin& origin) {
    const Outputs theirs = other_program(input, origin);
    std::vector<std::string> layers;
    for (const Layer& layer : model_.spec.layers)
      if (theirs.contains(layer.name)) layers.push_back(layer.name);
    const Outputs ours = compute(model_, input, layers, "cpu");
    ComparedInputs compared{.what = what, .count = input.shape[0], .outputs = {}, .layers = {}};
    for (const std::string& layer : layers) {
      if (ours.at(layer).values.size() != theirs.at(layer).values.size())
        throw DataError(file_.string(), result_.program + " computes another number of outputs of " + layer);
      compared.layers.push_back(difference_of(layer, ours.at(layer), theirs.at(layer)));
    }
    // Not of the probabilities: they are smaller than the logits that they are made of, and so are their
    // differences.
    const std::string logits = logits_layer(model_.spec);
    const std::string& last = theirs.contains(logits) ? logits : layers.back();
    compared.outputs = *std::ranges::find(compared.layers, last, &Difference::layer);
    compared.same_top1 = count_same_top1(ours.at(last), theirs.at(last));
    return compared;
  }

 private:
  /// Outputs of at least one layer.
  Outputs other_program(const Tensor& input, const Origin& origin) {
    SourceOutputs source = run_source_program(file_, network_, origin, input);
    result_.with_source = !source.layers.empty();
    result_.reason = source.reason;
    result_.program = result_.with_source ? source.program : "this program's reference engine";
    if (result_.with_source) return std::move(source.layers);
    return compute(model_, input, {logits_layer(model_.spec)}, "reference");
  }

  const Model& model_;
  const std::filesystem::path& file_;
  const std::filesystem::path& network_;
  Comparison& result_;
};

}  // namespace

Comparison compare_with_source(const Model& model, const std::filesystem::path& file,
                               const std::filesystem::path& network, const Origin& origin,
                               const std::filesystem::path& images) {
  Comparison result;
  Comparer comparer(model, file, network, result);
  result.numbers = comparer.compare("random numbers", fixed_input(model.spec.input), origin);
  if (images.empty()) return result;
  Origin last = origin;
  std::erase_if(last.layers, [&](const auto& layer) { return layer.first != result.numbers.outputs.layer; });
  result.images = comparer.compare(
      images.string(), prepared(model, images, result.with_source ? kMaxComparedImages : kMaxReferenceImages),
      last);
  return result;
}

}  // namespace alexnet::cli
