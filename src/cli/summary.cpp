// alexnet summary: the table of the article.
#include <fmt/format.h>

#include <memory>
#include <vector>

#include "alexnet/model.h"
#include "alexnet/network.h"
#include "alexnet/observe.h"
#include "cli/command.h"
#include "cli/options.h"
#include "cli/output.h"

namespace alexnet::cli {
namespace {

struct Options {
  int width = 227, height = 227, depth = 3, classes = 1000;
  std::string model;
  bool json = false;
};

void print_json(const Summary& summary) {
  nlohmann::ordered_json layers = nlohmann::ordered_json::array();
  for (const LayerSummary& layer : summary.layers)
    layers.push_back({{"name", layer.name},
                      {"kind", layer.kind},
                      {"setting", layer.setting},
                      {"output", {layer.output.height, layer.output.width, layer.output.channels}},
                      {"weights", layer.weights},
                      {"normalisation", layer.normalisation},
                      {"forward_flops", layer.forward_flops},
                      {"activation_bytes", layer.activation_bytes}});
  output_json(
      nlohmann::ordered_json{{"name", summary.name},
                             {"input", {summary.input.height, summary.input.width, summary.input.channels}},
                             {"weights", summary.weights},
                             {"normalisation", summary.normalisation},
                             {"parameters", summary.weights + summary.normalisation},
                             {"forward_flops", summary.forward_flops},
                             {"training_flops", summary.training_flops},
                             {"activation_bytes", summary.activation_bytes},
                             {"layers", layers}});
}

void print_table(const Summary& summary) {
  std::vector<std::vector<std::string>> rows = {
      {"layer", "kind", "kernel", "output", "parameters", "flops", "memory"}};
  rows.push_back({"input", "", "", to_string(summary.input), "", "", ""});
  for (const LayerSummary& layer : summary.layers) {
    const std::int64_t parameters = layer.weights + layer.normalisation;
    rows.push_back({layer.name, layer.kind, layer.setting, to_string(layer.output),
                    parameters > 0 ? grouped(parameters) : "",
                    layer.forward_flops > 0 ? scaled(layer.forward_flops) : "",
                    bytes_text(static_cast<double>(layer.activation_bytes))});
  }
  output(fmt::format("{}\n\n{}\n", summary.name, table(rows)));
  output(fmt::format("parameters  {} = {} weights and biases + {} of batch normalisation\n",
                     grouped(summary.weights + summary.normalisation), grouped(summary.weights),
                     grouped(summary.normalisation)));
  output(fmt::format("per image   {}FLOP forward, {}FLOP in a training step, {} of activations\n",
                     scaled(summary.forward_flops), scaled(summary.training_flops),
                     bytes_text(static_cast<double>(summary.activation_bytes))));
}

int run_summary(const Options& options) {
  const NetworkSpec spec = options.model.empty()
                               ? build(options.width, options.height, options.depth, options.classes)
                               : load_model(model_file(options.model)).spec;
  const Summary summary = summarize(spec);
  options.json ? print_json(summary) : print_table(summary);
  return kDone;
}

}  // namespace

void add_summary(CLI::App& program, Run& run) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      program.add_subcommand("summary", "Show a network layer by layer: sizes, parameters, cost");
  const CLI::Range positive(1, 1'000'000);
  command
      ->add_option_function<int>(
          "--size", [options](int size) { options->width = options->height = size; },
          "side of a square input picture")
      ->check(positive)
      ->type_name("N");
  command->add_option("--width", options->width, "width of the input picture")
      ->check(positive)
      ->capture_default_str()
      ->type_name("N");
  command->add_option("--height", options->height, "height of the input picture")
      ->check(positive)
      ->capture_default_str()
      ->type_name("N");
  command->add_option("--depth", options->depth, "channels of the input picture: 1 gray, 3 colour")
      ->check(positive)
      ->capture_default_str()
      ->type_name("N");
  command->add_option("--classes", options->classes, "number of classes")
      ->check(positive)
      ->capture_default_str()
      ->type_name("N");
  command->add_option("--model", options->model, "the network of a model file instead")->type_name("FILE");
  add_json(command, options->json, "one JSON object instead of a table");
  command->callback([options, &run] { run = [options] { return run_summary(*options); }; });
}

}  // namespace alexnet::cli
