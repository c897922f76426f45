#include "explain/layer_outputs.h"

#include <algorithm>

#include "inference/inference_plan.h"
#include "inference/picture_batches.h"
#include "model/geometry.h"

namespace alexnet {

Unreadable each_layer_output(
    const Model& model, const std::string& layer, std::span<const std::filesystem::path> files,
    const LayerOutputOptions& options,
    const std::function<void(const std::filesystem::path&, std::span<const float>)>& body) {
  Unreadable unreadable;
  const NetworkSpec spec = part_of(model.spec, 0, layer_index(model.spec, layer) + 1);
  const auto size = static_cast<std::size_t>(output_shapes(spec).back().size());
  const std::size_t batch = std::clamp<std::size_t>(files.size(), 1, static_cast<std::size_t>(options.batch));
  const auto network = inference_plan(spec, model.weights, options.engine, static_cast<int>(batch), {layer});
  std::vector<float> output(batch * size);
  for_each_batch(model, files, batch, [&](const PictureBatch& pictures) {
    std::ranges::copy(pictures.inputs, network->input().begin());
    network->forward({});
    network->read_output(layer, output);
    for (std::size_t i = 0; i < pictures.files.size(); ++i) {
      if (pictures.errors[i].empty())
        body(pictures.files[i], std::span(output).subspan(i * size, size));
      else
        unreadable.emplace_back(pictures.files[i], pictures.errors[i]);
    }
    if (options.progress)
      options.progress(static_cast<std::int64_t>(pictures.first + pictures.files.size()),
                       static_cast<std::int64_t>(files.size()));
  });
  return unreadable;
}

}  // namespace alexnet
