// alexnet info: what a file of a model, or of weights, holds.
#include <fmt/format.h>

#include <memory>
#include <optional>

#include "alexnet/model.h"
#include "alexnet/threads.h"
#include "arguments/model_argument.h"
#include "arguments/options.h"
#include "command.h"
#include "console/output.h"
#include "console/terminal.h"
#include "text/text.h"

namespace alexnet::cli {
namespace {

struct Options {
  std::string model;
  int threads = 0;
  bool json = false;
};

std::int64_t parameter_count(const StoredWeights& stored) {
  std::int64_t count = 0;
  for (const auto& [name, tensor] : stored.weights) count += element_count(tensor.shape);
  return count;
}

nlohmann::ordered_json to_json(const std::optional<Preprocessing>& steps) {
  if (!steps) return nullptr;
  nlohmann::ordered_json resize = steps->resize.short_side(), mean_image;
  if (!steps->resize.keeps_shape) resize = {steps->resize.height, steps->resize.width};
  if (const Shape& shape = steps->mean_image.shape; !shape.empty()) mean_image = shape;
  return {{"resize", resize},
          {"interpolation", to_string(steps->interpolation)},
          {"antialias", steps->antialias},
          {"crop_width", steps->crop_width},
          {"crop_height", steps->crop_height},
          {"floor_crop", steps->floor_crop},
          {"mean", steps->mean},
          {"mean_image", mean_image},
          {"stddev", steps->stddev},
          {"channel_order", steps->bgr ? "bgr" : "rgb"}};
}

/// Of bare weights "network" is null, and so is "preprocessing" where the file is silent about it.
void print_json(const std::filesystem::path& file, const StoredWeights& stored) {
  nlohmann::ordered_json tensors = nlohmann::ordered_json::array();
  for (const auto& [name, tensor] : stored.weights)
    tensors.push_back({{"name", name}, {"shape", tensor.shape}});
  nlohmann::ordered_json network;
  if (stored.spec) network = nlohmann::ordered_json::parse(spec_to_json(*stored.spec));
  nlohmann::ordered_json all{{"file", file.string()},
                             {"bytes", std::filesystem::file_size(file)},
                             {"network", network},
                             {"classes", stored.classes},
                             {"preprocessing", to_json(stored.preprocessing)},
                             {"provenance", stored.provenance},
                             {"parameters", parameter_count(stored)},
                             {"tensors", tensors}};
  if (stored.groups) all["groups"] = stored.groups->by_layer;
  if (stored.response) all["lrn"] = stored.response->text;
  output_json(all);
}

std::string class_list(const std::vector<std::string>& classes, int columns) {
  std::string text;
  for (const std::string& name : classes) text += (text.empty() ? "" : ", ") + printable(name);
  return shortened(fmt::format("{}: {}", classes.size(), text), columns);
}

void print_text(const std::filesystem::path& file, const StoredWeights& stored) {
  constexpr int kLabel = 16;
  const int room = std::max(terminal(1).columns, 40) - kLabel - 2;
  const auto line = [&](const std::string& label, const std::string& text) {
    output(fmt::format("  {:<{}}{}\n", shortened(printable(label), kLabel - 2), kLabel - 2,
                       shortened(printable(text), room)));
  };
  output(printable(file.string()) + "\n");
  if (const auto& spec = stored.spec) {
    line("network",
         fmt::format("{}, {} layers, input {}", spec->name, spec->layers.size(), to_string(spec->input)));
    line("classes", class_list(stored.classes, room));
  } else {
    line("network", "none: weights that train --init starts with");
  }
  line("weights", fmt::format("{} in {} tensors, {}", grouped(parameter_count(stored)),
                              grouped(static_cast<std::int64_t>(stored.weights.size())),
                              bytes_text(static_cast<double>(std::filesystem::file_size(file)))));
  if (const auto& steps = stored.preprocessing) {
    line("images",
         fmt::format(
             "{}{}{}{}, centre {}x{}{}", steps->resize.keeps_shape ? "short side to " : "to ",
             to_string(steps->resize),
             steps->interpolation == Interpolation::kBilinear ? "" : ", " + to_string(steps->interpolation),
             steps->antialias ? "" : ", not antialiased", steps->crop_width, steps->crop_height,
             steps->bgr ? ", channels blue-green-red" : ""));
    const Shape& image = steps->mean_image.shape;
    if (!steps->mean.empty())
      line("mean",
           fmt::format("{}{:.4f}",
                       image.empty() ? "" : fmt::format("image of {}x{}, on average ", image[2], image[1]),
                       fmt::join(steps->mean, ", ")));
    if (!steps->stddev.empty()) line("stddev", fmt::format("{:.4f}", fmt::join(steps->stddev, ", ")));
  }
  if (stored.groups) line("groups", stored.groups->text);
  if (stored.response) line("lrn", stored.response->text);
  for (const auto& [key, value] : stored.provenance) line(key, value);
}

int run_info(const Options& options) {
  if (options.threads > 0) set_threads(options.threads);
  const std::filesystem::path file = find_model(options.model);
  const StoredWeights stored = load_weights(file);
  options.json ? print_json(file, stored) : print_text(file, stored);
  return kDone;
}

}  // namespace

void add_info(CLI::App& program, Run& run) {
  auto options = std::make_shared<Options>();
  CLI::App* command = program.add_subcommand("info", "Show what a model file holds");
  add_model(command, options->model);
  add_threads(command, options->threads, "threads that look through the weights");
  add_json(command, options->json, "one JSON object instead of text");
  command->callback([options, &run] { run = [options] { return run_info(*options); }; });
}

}  // namespace alexnet::cli
