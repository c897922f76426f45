#include "alexnet/embed.h"

#include <utility>

#include "alexnet/error.h"
#include "explain/layer_outputs.h"
#include "inference/image_stream.h"

namespace alexnet {

std::string embedding_layer(const NetworkSpec& spec) {
  std::vector<std::size_t> dense;
  for (std::size_t i = 0; i < spec.layers.size(); ++i)
    if (std::holds_alternative<Dense>(spec.layers[i].kind)) dense.push_back(i);
  if (dense.size() > 1) return spec.layers[dense[dense.size() - 2]].name;
  if (dense.empty() || dense.front() == 0)
    throw UsageError(spec.name, "has no layer of its own choice to take vectors from",
                     "name one with --layer");
  return spec.layers[dense.front() - 1].name;
}

void each_embedding(const Model& model, ImageFeed feed, const EmbedOptions& options,
                    const std::function<void(const Embedding&)>& body) {
  check_takes_images(model.spec);
  if (options.batch < 1) throw UsageError("batch", "must be at least 1");
  const std::string layer = options.layer.empty() ? embedding_layer(model.spec) : options.layer;
  each_layer_output(model, layer, std::move(feed), {options.batch, options.engine, options.progress},
                    [&](const LayerOutput& one) {
                      body({one.input.name(), one.values, one.error});
                    });
}

Embeddings embed(const Model& model, ImageFeed feed, const EmbedOptions& options) {
  Embeddings result;
  result.layer = options.layer.empty() ? embedding_layer(model.spec) : options.layer;
  const auto units = output_shapes(model.spec)[layer_index(model.spec, result.layer)].size();
  result.vectors.values.reserve(feed.count * static_cast<std::size_t>(units));
  each_embedding(model, std::move(feed), options, [&](const Embedding& one) {
    if (!one.error.empty()) {
      result.unreadable.emplace_back(one.file, one.error);
      return;
    }
    result.files.push_back(one.file);
    result.vectors.values.insert(result.vectors.values.end(), one.vector.begin(), one.vector.end());
  });
  result.vectors.shape = {static_cast<std::int64_t>(result.files.size()), static_cast<std::int64_t>(units)};
  return result;
}

Embeddings embed(const Model& model, std::span<const std::filesystem::path> files,
                 const EmbedOptions& options) {
  return embed(model, feed_of(files), options);
}

Embeddings embed(const Model& model, std::span<const ImageInput> inputs, const EmbedOptions& options) {
  return embed(model, feed_of(inputs), options);
}

}  // namespace alexnet
