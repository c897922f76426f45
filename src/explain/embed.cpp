#include "alexnet/embed.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "alexnet/error.h"
#include "alexnet/observe.h"
#include "base/file.h"
#include "inference/inference_plan.h"
#include "inference/picture_batches.h"

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

Embeddings embed(const Model& model, std::span<const std::filesystem::path> files,
                 const EmbedOptions& options) {
  check_takes_pictures(model.spec);
  if (options.batch < 1) throw UsageError("batch", "must be at least 1");
  Embeddings result;
  result.layer = options.layer.empty() ? embedding_layer(model.spec) : options.layer;
  NetworkSpec spec = model.spec;
  spec.layers.resize(layer_index(spec, result.layer) + 1);
  const auto units = static_cast<std::size_t>(output_shapes(spec).back().size());
  const std::size_t batch =
      std::min(std::max<std::size_t>(files.size(), 1), static_cast<std::size_t>(options.batch));
  const auto network =
      inference_plan(spec, model.weights, options.engine, static_cast<int>(batch), {result.layer});
  std::vector<float> output(batch * units);
  result.vectors.values.reserve(files.size() * units);
  for_each_batch(model, files, batch, [&](const PictureBatch& pictures) {
    std::ranges::copy(pictures.inputs, network->input().begin());
    network->forward({});
    network->read_output(result.layer, output);
    for (std::size_t i = 0; i < pictures.files.size(); ++i) {
      if (!pictures.errors[i].empty()) {
        result.unreadable.emplace_back(pictures.files[i], pictures.errors[i]);
        continue;
      }
      result.files.push_back(pictures.files[i]);
      const auto row = std::span(output).subspan(i * units, units);
      result.vectors.values.insert(result.vectors.values.end(), row.begin(), row.end());
    }
    if (options.progress)
      options.progress(static_cast<std::int64_t>(pictures.first + pictures.files.size()),
                       static_cast<std::int64_t>(files.size()));
  });
  result.vectors.shape = {static_cast<std::int64_t>(result.files.size()), static_cast<std::int64_t>(units)};
  return result;
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
