// alexnet data: data sets that others publish, by name.
#include <fmt/format.h>

#include <memory>
#include <vector>

#include "alexnet/error.h"
#include "alexnet/log.h"
#include "alexnet/zoo.h"
#include "arguments/model_argument.h"
#include "arguments/options.h"
#include "command.h"
#include "console/output.h"
#include "console/stop_signal.h"
#include "text/text.h"

namespace alexnet::cli {
namespace {

struct Options {
  std::string name, out;
  bool json = false;
};

std::uint64_t bytes_of(const ZooDataset& data) {
  std::uint64_t bytes = 0;
  for (const ZooFile& file : data.files) bytes += file.bytes;
  return bytes;
}

void print_json() {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const ZooDataset& data : zoo_datasets()) {
    nlohmann::ordered_json files = nlohmann::ordered_json::array();
    for (const ZooFile& file : data.files)
      files.push_back(
          {{"name", file.name}, {"url", file.url}, {"digest", file.digest}, {"bytes", file.bytes}});
    list.push_back({{"name", data.name},
                    {"about", data.about},
                    {"source", data.source},
                    {"licence", data.licence},
                    {"bytes", bytes_of(data)},
                    {"files", files}});
  }
  output_json(list);
}

void print_text() {
  std::vector<std::vector<std::string>> rows = {{"data set", "download", "licence"}};
  for (const ZooDataset& data : zoo_datasets())
    rows.push_back({data.name, bytes_text(static_cast<double>(bytes_of(data))), data.licence});
  output(table(rows));
  for (const ZooDataset& data : zoo_datasets())
    output(fmt::format("\n{}\n  {}\n  from {}\n", data.name, data.about, data.source));
}

int run_list(const Options& options) {
  options.json ? print_json() : print_text();
  return kDone;
}

struct Stopped {};

int run_get(const Options& options) {
  const ZooDataset* data = find_zoo_dataset(options.name);
  if (data == nullptr) throw UsageError(options.name, "is not a known data set", "'alexnet data' lists them");
  const std::string folder = options.out.empty() ? data->name : options.out;
  // What is unpacked in part must go before the program ends.
  FetchOptions how = fetch_with_bar();
  how.progress = [show = how.progress, &stop = catch_stop_signals()](
                     const std::string& file, std::uint64_t done, std::uint64_t total) {
    if (stop) throw Stopped();
    show(file, done, total);
  };
  try {
    fetch_dataset(*data, folder, how);
  } catch (const Stopped&) {
    log_info("stopped; run the same command again to resume");
    return kInterrupted;
  }
  if (options.json)
    output_json(nlohmann::ordered_json{{"name", data->name}, {"folder", folder}});
  else
    output(fmt::format("{} is in {}. Try:\n  alexnet train {}\n", data->name, printable(folder),
                       shell_text(folder)));
  return kDone;
}

}  // namespace

void add_data(CLI::App& program, Run& run) {
  auto options = std::make_shared<Options>();
  CLI::App* command = program.add_subcommand(
      "data",
      "List or fetch data sets that others publish\n\n'alexnet data get NAME' downloads a data set, checks "
      "it, and unpacks it into a folder that train and eval take as it is. The files are kept in "
      "$XDG_CACHE_HOME/alexnet or ~/.cache/alexnet. The variable ALEXNET_ZOO may name a mirror, a folder or "
      "an address, in which the files lie by their names.");
  add_json(command, options->json, "one JSON list instead of text");
  CLI::App* get = command->add_subcommand("get", "Fetch a data set");
  get->add_option("NAME", options->name, "the data set; 'alexnet data' lists them")->required();
  get->add_option("--out", options->out, "folder to make; NAME when not given")->type_name("DIR");
  add_json(get, options->json, "the folder as a JSON object instead of text");
  command->callback([options, get, &run] {
    run = [options, fetches = get->parsed()] { return fetches ? run_get(*options) : run_list(*options); };
  });
}

}  // namespace alexnet::cli
