// alexnet presets: the networks that --preset knows.
#include "alexnet/presets.h"

#include <fmt/format.h>

#include <memory>
#include <vector>

#include "alexnet/train.h"
#include "arguments/options.h"
#include "command.h"
#include "console/output.h"
#include "text/text.h"

namespace alexnet::cli {
namespace {

Summary summary_of(const Preset& preset) {
  return summarize(preset.build(preset.size, preset.size, preset.channels, preset.classes, TrainConfig{}.l2));
}

void print_json() {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const Preset& preset : presets()) {
    const Summary summary = summary_of(preset);
    list.push_back({{"name", preset.name},
                    {"size", preset.size},
                    {"channels", preset.channels},
                    {"classes", preset.classes},
                    {"weights", summary.weights},
                    {"parameters", summary.weights + summary.normalisation},
                    {"forward_flops", summary.forward_flops},
                    {"training_flops", summary.training_flops},
                    {"about", preset.about},
                    {"source", preset.source},
                    {"accuracy", preset.accuracy.empty() ? nlohmann::ordered_json()
                                                         : nlohmann::ordered_json(preset.accuracy)}});
  }
  output_json(list);
}

void print_text() {
  std::vector<std::vector<std::string>> rows = {
      {"preset", "input", "classes", "parameters", "forward", "training"}};
  for (const Preset& preset : presets()) {
    const Summary summary = summary_of(preset);
    rows.push_back({std::string(preset.name), to_string(summary.input), grouped(preset.classes),
                    grouped(summary.weights + summary.normalisation), scaled(summary.forward_flops) + "FLOP",
                    scaled(summary.training_flops) + "FLOP"});
  }
  output(table(rows));
  for (const Preset& preset : presets()) {
    output(fmt::format("\n{}\n  {}\n  from {}\n", preset.name, preset.about, preset.source));
    if (!preset.accuracy.empty()) output(fmt::format("  {}\n", preset.accuracy));
  }
}

}  // namespace

void add_presets(CLI::App& program, Run& run) {
  auto json = std::make_shared<bool>(false);
  CLI::App* command = program.add_subcommand(
      "presets", "List the networks that --preset knows, with size, cost, source and published accuracy");
  add_json(command, *json, "one JSON list instead of text");
  command->callback([json, &run] {
    run = [json] {
      *json ? print_json() : print_text();
      return kDone;
    };
  });
}

}  // namespace alexnet::cli
