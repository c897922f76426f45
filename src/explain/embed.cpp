#include "alexnet/embed.h"

#include <fmt/format.h>

#include <iterator>
#include <utility>

#include "alexnet/error.h"
#include "base/file.h"
#include "explain/layer_outputs.h"
#include "inference/image_stream.h"
#include "text/text.h"

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

Embeddings embed(const Model& model, ImageFeed feed, const EmbedOptions& options) {
  check_takes_images(model.spec);
  if (options.batch < 1) throw UsageError("batch", "must be at least 1");
  Embeddings result;
  result.layer = options.layer.empty() ? embedding_layer(model.spec) : options.layer;
  const Extent extent = output_shapes(model.spec)[layer_index(model.spec, result.layer)];
  const auto units = static_cast<std::size_t>(extent.size());
  result.vectors.values.reserve(feed.count * units);
  result.unreadable = each_layer_output(
      model, result.layer, std::move(feed), {options.batch, options.engine, options.progress},
      [&](const ImageInput& input, std::span<const float> output) {
        result.files.emplace_back(input.name());
        result.vectors.values.insert(result.vectors.values.end(), output.begin(), output.end());
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

void write_file_names(const std::filesystem::path& txt, const Embeddings& embeddings) {
  std::string text;
  for (const std::filesystem::path& file : embeddings.files) text += printable(file.string()) + "\n";
  write_file(txt, text);
}

void write_embeddings_csv(const std::filesystem::path& csv, const Embeddings& embeddings) {
  const auto units = static_cast<std::size_t>(embeddings.vectors.shape[1]);
  AtomicFile file(csv);
  std::string line = "file";
  for (std::size_t unit = 0; unit < units; ++unit) fmt::format_to(std::back_inserter(line), ",{}", unit);
  file.write(line + "\n");
  for (std::size_t row = 0; row < embeddings.files.size(); ++row) {
    line = csv_cell(embeddings.files[row].string());
    for (std::size_t unit = 0; unit < units; ++unit)
      fmt::format_to(std::back_inserter(line), ",{}", embeddings.vectors.values[row * units + unit]);
    file.write(line + "\n");
  }
  file.commit();
}

}  // namespace alexnet
