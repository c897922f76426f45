// alexnet summary: a network layer by layer, as the article's table.
#include <fmt/format.h>

#include <memory>
#include <vector>

#include "alexnet/model.h"
#include "alexnet/network.h"
#include "alexnet/presets.h"
#include "alexnet/train.h"
#include "arguments/model_argument.h"
#include "arguments/options.h"
#include "command.h"
#include "console/output.h"
#include "text/text.h"

namespace alexnet::cli {
namespace {

constexpr int kMax = 1'000'000;

struct Options {
  int size = 0;                                       // 0: width x height
  int width = 0, height = 0, depth = 0, classes = 0;  // 0: the preset's
  std::string preset = "article", model;
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
  output(fmt::format("parameters  {}: {} + {} of batch normalisation\n",
                     grouped(summary.weights + summary.normalisation), grouped(summary.weights),
                     grouped(summary.normalisation)));
  output(fmt::format("per image   {}FLOP forward, {}FLOP training, {} of activations\n",
                     scaled(summary.forward_flops), scaled(summary.training_flops),
                     bytes_text(static_cast<double>(summary.activation_bytes))));
}

NetworkSpec network(const Options& options) {
  if (!options.model.empty()) return load_model(find_model(options.model)).spec;
  const Preset& preset = find_preset(options.preset);
  const auto chosen = [](int given, int otherwise) { return given > 0 ? given : otherwise; };
  const int side = chosen(options.size, preset.size);
  return preset.build(
      chosen(options.size, chosen(options.width, side)), chosen(options.size, chosen(options.height, side)),
      chosen(options.depth, preset.channels), chosen(options.classes, preset.classes), TrainConfig{}.l2);
}

int run_summary(const Options& options) {
  const Summary summary = summarize(network(options));
  options.json ? print_json(summary) : print_table(summary);
  return kDone;
}

}  // namespace

void add_summary(CLI::App& program, Run& run) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      program.add_subcommand("summary", "Show a network layer by layer: sizes, parameters, cost");
  add_preset(command, options->preset);
  CLI::Option* size =
      add_count(command, "--size", options->size, 1, kMax,
                "side of a square input image, for --width and --height; the preset's when not given");
  CLI::Option* width = add_count(command, "--width", options->width, 1, kMax, "width of the input image");
  CLI::Option* height = add_count(command, "--height", options->height, 1, kMax, "height of the input image");
  CLI::Option* depth =
      add_count(command, "--depth", options->depth, 1, kMax, "channels of the input image: 1 gray, 3 colour");
  CLI::Option* classes = add_count(command, "--classes", options->classes, 1, kMax, "number of classes");
  CLI::Option* model = command
                           ->add_option("--model", options->model,
                                        "show the network of a model file or of a training run instead")
                           ->type_name("MODEL");
  size->excludes(width, height);
  for (CLI::Option* other : {command->get_option("--preset"), size, width, height, depth, classes})
    model->excludes(other);
  add_json(command, options->json, "one JSON object instead of a table");
  command->callback([options, &run] { run = [options] { return run_summary(*options); }; });
}

}  // namespace alexnet::cli
