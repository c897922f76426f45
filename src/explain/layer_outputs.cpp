#include "explain/layer_outputs.h"

#include <algorithm>
#include <utility>

#include "inference/session.h"

namespace alexnet {

Unreadable each_layer_output(const Model& model, const std::string& layer, ImageFeed feed,
                             const LayerOutputOptions& options,
                             const std::function<void(const ImageInput&, std::span<const float>)>& body) {
  Unreadable unreadable;
  const Extent extent = output_shapes(model.spec)[layer_index(model.spec, layer)];
  const auto size = static_cast<std::size_t>(extent.size());
  const std::size_t count = feed.count, max = static_cast<std::size_t>(options.batch);
  const std::size_t batch = count == 0 ? max : std::min(count, max);
  Session session(
      model, {.batch = static_cast<int>(batch), .engine = options.engine, .layers = {layer}, .last = layer});
  std::vector<float> output(batch * size);
  session.run(std::move(feed), [&](const ImageBatch& now) {
    session.read(layer, output);
    for (std::size_t i = 0; i < now.inputs.size(); ++i) {
      if (now.errors[i].empty())
        body(now.inputs[i], std::span(output).subspan(i * size, size));
      else
        unreadable.emplace_back(now.inputs[i].name(), now.errors[i]);
    }
    if (!options.progress) return;
    const std::size_t done = now.first + now.inputs.size();
    options.progress(static_cast<std::int64_t>(done), static_cast<std::int64_t>(std::max(count, done)));
  });
  return unreadable;
}

}  // namespace alexnet
