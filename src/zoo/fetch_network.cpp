#include <fmt/format.h>

#include <system_error>
#include <utility>

#include "alexnet/model.h"
#include "zoo/fetch.h"

namespace alexnet {
namespace {

namespace fs = std::filesystem;

/// The model that is made of the network's file lies beside it.
fs::path model_path(const ZooNetwork& network) {
  return zoo_folder() / fs::path(network.file.name).replace_extension(".safetensors");
}

}  // namespace

fs::path fetched_network(const ZooNetwork& network) {
  std::error_code error;
  fs::path model = model_path(network);
  return fs::exists(model, error) ? std::move(model) : fs::path();
}

fs::path fetch_network(const ZooNetwork& network, const FetchOptions& options) {
  if (fs::path model = fetched_network(network); !model.empty()) return model;
  const fs::path file = fetch(network.file, options);
  StoredWeights stored = load_weights(file);
  name_classes(stored, network.classes, network.name);
  const std::string format = stored.origin.format;
  Model model = to_model(std::move(stored), file.string());
  model.provenance["imported_from"] = network.file.url;
  model.provenance["source_format"] = format;
  model.provenance["licence"] = network.licence;
  save_model(model, model_path(network));
  return model_path(network);
}

}  // namespace alexnet
