// Raw numbers through a network.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "alexnet/classifier.h"
#include "alexnet/error.h"
#include "base/parallel.h"
#include "inference/session.h"

namespace alexnet {
namespace {

/// [n, rows, columns] -> [n, columns, rows]: NHWC to NCHW with rows the pixels, and back with rows the
/// channels.
void transpose(std::span<const float> from, std::int64_t n, std::int64_t rows, std::int64_t columns,
               std::span<float> to) {
  parallel_for(n, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      const float* in = from.data() + i * rows * columns;
      float* out = to.data() + i * rows * columns;
      for (std::int64_t column = 0; column < columns; ++column)
        for (std::int64_t row = 0; row < rows; ++row) out[column * rows + row] = in[row * columns + column];
    }
  });
}

/// Images in the tensor; UsageError when they are not what the network takes.
std::int64_t count_images(const Tensor& input, const Extent& extent) {
  const Shape one = {extent.height, extent.width, extent.channels};
  const bool counted = input.shape.size() == one.size() + 1;
  const std::int64_t n = counted ? input.shape[0] : 1;
  Shape expected = one;
  if (counted) expected.insert(expected.begin(), n);
  if (input.shape != expected)
    throw UsageError("input",
                     fmt::format("has shape {}, but the network expects {} (height x width x channels)",
                                 to_string(input.shape), to_string(one)),
                     "give it that shape, with or without a number of images in front");
  if (n < 1) throw UsageError("input", "holds no images");
  if (static_cast<std::int64_t>(input.values.size()) != n * extent.size())
    throw UsageError(
        "input", fmt::format("has {} values for its shape {}", input.values.size(), to_string(input.shape)));
  return n;
}

}  // namespace

std::vector<Tensor> forward_layers(const Model& model, const Tensor& input,
                                   std::span<const std::string> layers, const std::string& engine,
                                   int batch) {
  const Extent in = model.spec.input;
  const std::int64_t n = count_images(input, in);
  if (batch < 1) throw UsageError("batch", "must be at least 1");
  const std::int64_t step = std::min<std::int64_t>(batch, n);

  if (layers.empty()) return {};
  const std::vector<Extent> extents = output_shapes(model.spec);
  std::size_t last = 0;
  std::vector<Extent> outputs;
  std::vector<Tensor> results;
  for (const std::string& name : layers) {
    const std::size_t index = layer_index(model.spec, name);
    last = std::max(last, index);
    const Extent& out = outputs.emplace_back(extents[index]);
    const bool flat = out.height == 1 && out.width == 1;
    results.emplace_back(flat ? Shape{n, out.channels} : Shape{n, out.height, out.width, out.channels});
  }
  Session session(model, {.batch = static_cast<int>(step),
                          .engine = engine,
                          .layers = {layers.begin(), layers.end()},
                          .last = model.spec.layers[last].name});
  std::vector<float> nchw;
  const auto part = [](auto& values, std::int64_t first, std::int64_t count, const Extent& extent) {
    return std::span(values).subspan(static_cast<std::size_t>(first * extent.size()),
                                     static_cast<std::size_t>(count * extent.size()));
  };
  for (std::int64_t first = 0; first < n; first += step) {
    const std::int64_t count = std::min(step, n - first);
    transpose(part(input.values, first, count, in), count, std::int64_t{in.height} * in.width, in.channels,
              session.network().input());
    session.run();
    for (std::size_t l = 0; l < layers.size(); ++l) {
      const Extent& out = outputs[l];
      nchw.resize(static_cast<std::size_t>(step * out.size()));
      session.read(layers[l], nchw);
      transpose(nchw, count, out.channels, std::int64_t{out.height} * out.width,
                part(results[l].values, first, count, out));
    }
  }
  return results;
}

Tensor forward(const Model& model, const Tensor& input, const std::string& layer, const std::string& engine,
               int batch) {
  const std::string name = layer.empty() ? model.spec.layers.back().name : layer;
  return std::move(forward_layers(model, input, std::span(&name, 1), engine, batch).front());
}

}  // namespace alexnet
