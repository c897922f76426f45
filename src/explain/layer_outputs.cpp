#include "explain/layer_outputs.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "inference/session.h"

namespace alexnet {

void each_layer_output(const Model& model, const std::string& layer, ImageFeed feed,
                       const LayerOutputOptions& options,
                       const std::function<void(const LayerOutput&)>& body) {
  const Extent extent = output_shapes(model.spec)[layer_index(model.spec, layer)];
  const auto size = static_cast<std::size_t>(extent.size());
  const std::size_t count = feed.count, max = static_cast<std::size_t>(options.batch);
  const std::size_t batch = count == 0 ? max : std::min(count, max);
  Session session(
      model, {.batch = static_cast<int>(batch), .engine = options.engine, .layers = {layer}, .last = layer});
  std::vector<float> output(batch * size);
  session.run(std::move(feed), [&](const ImageBatch& now) {
    session.read(layer, output);
    const std::span<const float> outputs = output;
    for (std::size_t i = 0; i < now.inputs.size(); ++i)
      body({now.inputs[i], outputs.subspan(i * size, now.errors[i].empty() ? size : 0), now.errors[i]});
    if (!options.progress) return;
    const std::size_t done = now.first + now.inputs.size();
    options.progress(static_cast<std::int64_t>(done), static_cast<std::int64_t>(std::max(count, done)));
  });
}

}  // namespace alexnet
