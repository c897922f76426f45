// alexnet eval: how good a model is on labelled images.
#include <fmt/format.h>

#include <memory>

#include "alexnet/dataset.h"
#include "alexnet/evaluate.h"
#include "alexnet/log.h"
#include "alexnet/model.h"
#include "alexnet/train.h"
#include "arguments/model_argument.h"
#include "arguments/options.h"
#include "command.h"
#include "console/output.h"
#include "console/terminal.h"
#include "text/confusion.h"
#include "text/text.h"

namespace alexnet::cli {
namespace {

struct Options {
  std::vector<std::string> models;
  std::string data;
  int batch = 0;  // 0: as many as compute fast
  int workers = 2;
  bool json = false, strict = false, ten_crop = false;
  Computing computing;
};

void print_json(const Evaluation& result, const std::vector<std::string>& classes) {
  nlohmann::ordered_json per_class = nlohmann::ordered_json::array();
  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
  const std::vector<ClassScore> scores = class_scores(result.confusion);
  for (std::size_t i = 0; i < scores.size(); ++i) {
    per_class.push_back({{"class", classes[i]},
                         {"images", scores[i].images},
                         {"precision", json_number(scores[i].precision)},
                         {"recall", json_number(scores[i].recall)},
                         {"f1", json_number(scores[i].f1)}});
    nlohmann::ordered_json row = nlohmann::ordered_json::array();
    for (std::size_t predicted = 0; predicted < scores.size(); ++predicted)
      row.push_back(result.confusion.at(static_cast<int>(i), static_cast<int>(predicted)));
    rows.push_back(std::move(row));
  }
  output_json(nlohmann::ordered_json{{"images", result.images},
                                     {"loss", json_number(result.loss)},
                                     {"top1", json_number(result.top1)},
                                     {"top5", json_number(result.top5)},
                                     {"skipped", result.skipped},
                                     {"classes", per_class},
                                     {"confusion", rows}});
}

void print_text(const Evaluation& result, const std::vector<std::string>& classes) {
  const int columns = terminal(1).columns;
  std::vector<std::vector<std::string>> rows = {{"class", "images", "precision", "recall", "F1"}};
  const std::vector<ClassScore> scores = class_scores(result.confusion);
  for (std::size_t i = 0; i < scores.size(); ++i)
    rows.push_back({shortened(printable(classes[i]), columns - 40), grouped(scores[i].images),
                    decimal(scores[i].precision, 4), decimal(scores[i].recall, 4), decimal(scores[i].f1, 4)});
  output(table(rows) + "\n");
  output(confusion_text(classes, result.confusion.counts, columns) + "\n");
  output(fmt::format("top-1 {}   top-5 {}   loss {}   {} images{}\n", decimal(result.top1, 4),
                     decimal(result.top5, 4), decimal(result.loss, 4), grouped(result.images),
                     result.skipped > 0 ? fmt::format(", {} skipped", grouped(result.skipped)) : ""));
}

/// Says where a result is not that of images which are new to the model.
void note_overlap(const Options& options, const ImageSource& source) {
  for (const std::string& model : options.models) {
    ProgressBar bar;
    const auto overlap =
        training_overlap(model, options.data, source, [&](std::int64_t done, std::int64_t total) {
          bar.show("comparing", done, total, "held-out images");
        });
    bar.clear();
    if (!overlap) continue;
    const std::string run = shell_text(overlap->run);
    if (!overlap->problem.empty())
      log_warning(fmt::format("whether the model was trained on these images is not known: {}",
                              printable(overlap->problem)));
    else if (!overlap->recorded)
      log_warning(
          fmt::format("{} was trained on this data and does not record which images it held out: "
                      "the model may have been trained on most of these {} images",
                      run, grouped(static_cast<std::int64_t>(source.size()))));
    else if (overlap->images > 0)
      log_warning(fmt::format(
          "the model was trained on {} of these {} images, unless they are new: {} did not hold them out; "
          "'alexnet report {}' shows the result for those it did",
          grouped(overlap->images), grouped(static_cast<std::int64_t>(source.size())), run, run));
  }
}

int run_eval(const Options& options) {
  options.computing.apply();
  std::vector<Model> models;
  for (const std::string& model : options.models) models.push_back(load_model(find_model(model)));
  const std::vector<std::string>& classes = models.front().classes;
  std::vector<std::string> notes;
  const auto source = open_evaluation(options.data, classes, &notes);
  for (const std::string& note : notes) log_info(printable(note));
  note_overlap(options, *source);
  Evaluation result;
  {
    ProgressBar bar;
    EvaluateOptions how;
    how.batch = options.batch;
    how.engine = options.computing.engine;
    how.precision = options.computing.precision;
    how.workers = options.workers;
    how.strict = options.strict;
    how.ten_crop = options.ten_crop;
    how.progress = [&](std::int64_t done, std::int64_t total) { bar.show("testing", done, total, ""); };
    result = evaluate(models, source, how);
  }
  for (const auto& [name, reason] : result.unreadable) warn_skipped(name, reason);
  options.json ? print_json(result, classes) : print_text(result, classes);
  return result.skipped > 0 ? kBadData : kDone;
}

}  // namespace

void add_eval(CLI::App& program, Run& run) {
  auto options = std::make_shared<Options>();
  CLI::App* command = program.add_subcommand(
      "eval",
      "Evaluate a model on labelled images\n\nDATA is a folder of class folders (if it has a val/ or test/ "
      "part, that part), a .zip, .tar or .tar.gz of the same, a .csv list, or a folder with an IDX pair or "
      "the binary files of CIFAR. Use "
      "images that the "
      "model was not trained on; 'alexnet report' shows the result for those that --val-split held out. The "
      "exit code is 3 if an image could not be read; the others count.");
  command
      ->add_option("MODEL", options->models,
                   "model files (.safetensors) or run folders, whose probabilities are averaged; then the "
                   "labelled images")
      ->type_name("MODEL... DATA")
      ->required();
  command->add_flag("--ten-crop", options->ten_crop,
                    "average the probabilities of ten crops: four corners and centre, each also flipped");
  add_count(command, "--batch", options->batch, 0, kMaxBatch,
            "images computed at a time; 0: 64, or 8 with a --precision that only small batches have");
  add_count(command, "--workers", options->workers, 1, 256, "threads that read images");
  command->add_flag("--strict", options->strict, "stop at the first image that cannot be read");
  add_json(command, options->json, "one JSON object instead of tables");
  options->computing.add_to(command);
  options->computing.add_precision_to(command);
  command->callback([options, &run] {
    // One list of the parser's: it would give all words of two to the first.
    if (options->models.size() < 2)
      throw CLI::ValidationError("DATA is missing: the images to test on, behind the model");
    options->data = options->models.back();
    options->models.pop_back();
    run = [options] { return run_eval(*options); };
  });
}

}  // namespace alexnet::cli
