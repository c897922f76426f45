// alexnet report: what came of training runs, as one HTML file.
#include "alexnet/report.h"

#include <fmt/format.h>

#include <memory>
#include <string>
#include <vector>

#include "alexnet/output_file.h"
#include "arguments/options.h"
#include "command.h"
#include "console/output.h"
#include "console/terminal.h"
#include "text/text.h"

namespace alexnet::cli {
namespace {

struct Options {
  std::vector<std::string> runs;
  std::string out, data, validation;
  int train_images = 20'000;
  int batch = 64;
  int workers = 2;
  Computing computing;
};

int run_report(const Options& options) {
  options.computing.apply();
  const std::vector<std::filesystem::path> runs(options.runs.begin(), options.runs.end());
  const std::filesystem::path html = !options.out.empty()
                                         ? std::filesystem::path(options.out)
                                         : (runs.size() == 1 ? runs.front() / "report.html" : "report.html");
  // Where the folder of a run is missing, that is what is wrong, not that no report can be put into it.
  if (!options.out.empty() || std::filesystem::is_directory(runs.front())) require_writable(html);
  {
    ProgressBar bar;
    ReportOptions how;
    how.data = options.data;
    how.validation = options.validation;
    how.train_images = options.train_images;
    how.batch = options.batch;
    how.workers = options.workers;
    how.engine = options.computing.engine;
    how.progress = [&](const std::string& what, std::int64_t done, std::int64_t total) {
      bar.show(what, done, total, "");
    };
    write_report(runs, html, how);
  }
  output(fmt::format("{}\n", printable(html.string())));
  return kDone;
}

}  // namespace

void add_report(CLI::App& program, Run& run) {
  auto options = std::make_shared<Options>();
  CLI::App* command = program.add_subcommand(
      "report",
      "Write a report on training runs as one HTML file\n\nTests the best model of each run anew on the "
      "validation images it was trained with: accuracy with its interval, learning curves, confusions with "
      "their images, calibration, mistakes, labels that look wrong, images that are in both sets, "
      "filters, "
      "settings. Several runs stand side by side. The file works offline and needs no other file.");
  command->add_option("RUN_DIR", options->runs, "folders of training runs")->required();
  command->add_option("--out", options->out, "the file; RUN_DIR/report.html, or report.html for several runs")
      ->type_name("FILE");
  command
      ->add_option("--data", options->data,
                   "where the images are now, if they were moved; they are checked by content")
      ->type_name("DIR");
  command->add_option("--val", options->validation, "the same of images that --val of train named")
      ->type_name("DIR");
  add_count(command, "--train-images", options->train_images, 0, 1'000'000'000,
            "training images looked at, at most; 0: none");
  add_count(command, "--batch", options->batch, 1, kMaxBatch, "images computed at a time");
  add_count(command, "--workers", options->workers, 1, 256, "threads that read images");
  options->computing.add_to(command);
  command->callback([options, &run] { run = [options] { return run_report(*options); }; });
}

}  // namespace alexnet::cli
