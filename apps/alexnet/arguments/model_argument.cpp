#include "arguments/model_argument.h"

#include <memory>
#include <system_error>

#include "alexnet/model.h"
#include "console/terminal.h"

namespace alexnet::cli {
namespace {

/// Null where there is a file or folder of this name, or no such network.
const ZooNetwork* named_network(const std::string& model) {
  std::error_code error;
  return std::filesystem::exists(model, error) ? nullptr : find_zoo_network(model);
}

}  // namespace

FetchOptions fetch_with_bar() {
  constexpr std::uint64_t kMega = 1'000'000;
  FetchOptions options;
  options.progress = [bar = std::make_shared<ProgressBar>()](const std::string& file, std::uint64_t done,
                                                             std::uint64_t total) {
    bar->show(file, static_cast<std::int64_t>(done / kMega), static_cast<std::int64_t>(total / kMega), "MB");
  };
  return options;
}

std::filesystem::path find_model(const std::string& model) {
  const ZooNetwork* network = named_network(model);
  return network == nullptr ? model_file(model) : fetch_network(*network, fetch_with_bar());
}

void start_from_zoo(TrainConfig& config) {
  const ZooNetwork* network = named_network(config.init);
  if (network == nullptr) return;
  config.init = fetch_network(*network, fetch_with_bar()).string();
  if (config.preset == TrainConfig{}.preset) config.preset = network->preset;
}

}  // namespace alexnet::cli
