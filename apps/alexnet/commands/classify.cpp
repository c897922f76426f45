// alexnet classify: images in, classes and probabilities out.
#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "alexnet/classifier.h"
#include "alexnet/image_formats.h"
#include "alexnet/model.h"
#include "arguments/image_arguments.h"
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
  std::vector<std::string> images;
  int top = 5;
  int batch = 0;  // 0: by the number of images
  bool json = false;
  Computing computing;
};

constexpr int kLargestBatch = 32;

void print_json(const Classification& result) {
  nlohmann::ordered_json predictions = nlohmann::ordered_json::array();
  for (const Prediction& one : result.predictions)
    predictions.push_back({{"class", one.name}, {"probability", json_number(one.probability)}});
  output_json(nlohmann::ordered_json{{"file", result.file}, {"predictions", predictions}});
}

void print_text(const Classification& result, int columns) {
  int longest = 0;
  for (const Prediction& one : result.predictions)
    longest = std::max(longest, text_width(printable(one.name)));
  longest = std::min(longest, columns - 12);
  output(printable(result.file) + "\n");
  for (const Prediction& one : result.predictions) {
    const std::string name = shortened(printable(one.name), longest);
    output(fmt::format("  {}{}  {:>6.2f} %\n", name,
                       std::string(static_cast<std::size_t>(longest - text_width(name)), ' '),
                       100 * one.probability));
  }
}

int run_classify(const Options& options) {
  options.computing.apply();
  ClassifierOptions how;
  how.top = options.top;
  how.engine = options.computing.engine;
  how.precision = options.computing.precision;
  Model model = load_model(find_model(options.model));
  const int columns = terminal(1).columns;
  bool all_read = true;
  const auto refuse = [&](const std::string& file, const std::string& problem) {
    all_read = false;
    output_problem(options.json, file, problem);
  };
  ImageArguments arguments(options.images, refuse);
  // Of a list that is still being written nobody knows how long it becomes.
  const auto count = static_cast<int>(arguments.peek(kLargestBatch));
  how.batch = options.batch > 0 ? options.batch : arguments.complete() ? std::max(1, count) : kLargestBatch;
  Classifier classifier(std::move(model), how);
  classifier.classify(arguments.feed(), [&](const Classification& result) {
    if (!result.error.empty()) return refuse(result.file, result.error);
    options.json ? print_json(result) : print_text(result, columns);
    finish_output();
  });
  return all_read ? kDone : kBadData;
}

}  // namespace

void add_classify(CLI::App& program, Run& run) {
  auto options = std::make_shared<Options>();
  CLI::App* command = program.add_subcommand(
      "classify",
      "Classify images\n\nIMAGE is a " + image_format_names() +
          " file, a folder (all images in it and in its folders), "
          "or - (file names from standard input, one per line or each followed by a NUL character). The exit "
          "code is 3 if an image could not be read; the others are still classified.");
  add_model(command, options->model);
  command->add_option("IMAGE", options->images, "image files, folders, or -")->required();
  add_count(command, "--top", options->top, 1, 1'000'000, "how many classes to name");
  add_count(command, "--batch", options->batch, 0, kMaxBatch,
            "images computed at a time; 0: as many as there are, at most 32");
  add_json(command, options->json, "a JSON object per image, one per line");
  options->computing.add_to(command);
  options->computing.add_precision_to(command);
  command->callback([options, &run] { run = [options] { return run_classify(*options); }; });
}

}  // namespace alexnet::cli
