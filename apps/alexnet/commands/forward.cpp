// alexnet forward: numbers in, the output of any layer out.
#include <fmt/format.h>

#include <memory>

#include "alexnet/classifier.h"
#include "alexnet/model.h"
#include "alexnet/output_file.h"
#include "arguments/model_argument.h"
#include "arguments/options.h"
#include "command.h"
#include "console/output.h"

namespace alexnet::cli {
namespace {

struct Options {
  std::string model, input, output, layer;
  int batch = 64;
  bool json = false;
  Computing computing;
};

int run_forward(const Options& options) {
  options.computing.apply();
  require_writable(options.output);
  const Model model = load_model(find_model(options.model));
  const Tensor result =
      forward(model, read_npy(options.input), options.layer, options.computing.engine, options.batch);
  write_npy(options.output, result.shape, result.values);
  const std::string layer = options.layer.empty() ? model.spec.layers.back().name : options.layer;
  if (options.json)
    output_json(
        nlohmann::ordered_json{{"layer", layer}, {"shape", result.shape}, {"output", options.output}});
  else
    output(fmt::format("{}: {} written to {}\n", layer, to_string(result.shape), options.output));
  return kDone;
}

}  // namespace

void add_forward(CLI::App& program, Run& run) {
  auto options = std::make_shared<Options>();
  CLI::App* command = program.add_subcommand(
      "forward",
      "Run a network on numbers from a .npy file\n\nThe input is float32 [n, height, width, channels], or "
      "without "
      "n, and goes in as it is: nothing is scaled, cropped or normalised. The output has the same order of "
      "dimensions, or is [n, units].");
  add_model(command, options->model);
  command->add_option("--input", options->input, "numbers in")->type_name("FILE.npy")->required();
  command->add_option("--output", options->output, "numbers out")->type_name("FILE.npy")->required();
  command->add_option("--layer", options->layer, "the layer whose output is wanted; default: the last")
      ->type_name("NAME");
  add_count(command, "--batch", options->batch, 1, kMaxBatch, "images computed at a time");
  add_json(command, options->json, "say what was written as a JSON object");
  options->computing.add_to(command);
  command->callback([options, &run] { run = [options] { return run_forward(*options); }; });
}

}  // namespace alexnet::cli
