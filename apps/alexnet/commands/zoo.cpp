// alexnet zoo: trained networks that others publish, by name.
#include "alexnet/zoo.h"

#include <fmt/format.h>

#include <memory>
#include <vector>

#include "alexnet/error.h"
#include "arguments/model_argument.h"
#include "arguments/options.h"
#include "command.h"
#include "console/output.h"
#include "text/text.h"

namespace alexnet::cli {
namespace {

struct Options {
  std::string name;
  bool json = false;
};

void print_json() {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const ZooNetwork& network : zoo_networks()) {
    const std::string model = fetched_network(network).string();
    list.push_back({{"name", network.name},
                    {"about", network.about},
                    {"source", network.source},
                    {"licence", network.licence},
                    {"preset", network.preset},
                    {"tested_on", network.tested_on},
                    {"top1", network.top1},
                    {"top5", network.top5},
                    {"classes", network.classes.size()},
                    {"url", network.file.url},
                    {"digest", network.file.digest},
                    {"bytes", network.file.bytes},
                    {"model", model.empty() ? nlohmann::ordered_json() : nlohmann::ordered_json(model)}});
  }
  output_json(list);
}

void print_text() {
  std::vector<std::vector<std::string>> rows = {
      {"network", "classes", "top-1", "top-5", "tested on", "download", "licence"}};
  for (const ZooNetwork& network : zoo_networks())
    rows.push_back({network.name, grouped(static_cast<std::int64_t>(network.classes.size())),
                    decimal(network.top1, 4), decimal(network.top5, 4), network.tested_on,
                    bytes_text(static_cast<double>(network.file.bytes)), network.licence});
  output(table(rows));
  for (const ZooNetwork& network : zoo_networks()) {
    const std::string model = fetched_network(network).string();
    output(fmt::format("\n{}\n  {}\n  from {}\n  {}\n", network.name, network.about, network.source,
                       model.empty() ? "not fetched yet" : "model file: " + printable(model)));
  }
}

int run_zoo(const Options& options) {
  if (options.name.empty()) {
    options.json ? print_json() : print_text();
    return kDone;
  }
  const ZooNetwork* network = find_zoo_network(options.name);
  if (network == nullptr)
    throw UsageError(options.name, "is not a network of the zoo", "'alexnet zoo' lists them");
  const std::string model = fetch_network(*network, fetch_with_bar()).string();
  if (options.json)
    output_json(nlohmann::ordered_json{{"name", network->name}, {"model", model}});
  else
    output(fmt::format("{} is ready, as {}. Try:\n  alexnet classify {} IMAGE\n", network->name,
                       printable(model), network->name));
  return kDone;
}

}  // namespace

void add_zoo(CLI::App& program, Run& run) {
  auto options = std::make_shared<Options>();
  CLI::App* command = program.add_subcommand(
      "zoo",
      "List or fetch trained networks that others publish\n\nWith NAME, the network is downloaded, checked "
      "and made a model, once: into $XDG_CACHE_HOME/alexnet or ~/.cache/alexnet. Commands that take MODEL, "
      "and train --init, take NAME too, and fetch the network then. The variable ALEXNET_ZOO may name a "
      "mirror, a folder or an address, in which the files lie by their names.");
  command->add_option("NAME", options->name, "the network to fetch; without: list all");
  add_json(command, options->json, "one JSON list, or the model file as an object, instead of text");
  command->callback([options, &run] { run = [options] { return run_zoo(*options); }; });
}

}  // namespace alexnet::cli
