// alexnet export: a model as a file of another program.
#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <utility>

#include "alexnet/model.h"
#include "alexnet/output_file.h"
#include "alexnet/threads.h"
#include "arguments/model_argument.h"
#include "arguments/options.h"
#include "command.h"
#include "console/output.h"
#include "parity/options.h"
#include "parity/report.h"
#include "text/text.h"

namespace alexnet::cli {
namespace {

struct Options {
  std::string model, file, report, images;
  ExportOptions how;
  int threads = 0;
  bool json = false;
};

std::string command_of(const Options& options) {
  std::string command = "alexnet export " + shell_text(options.model) + " --out " + shell_text(options.file);
  if (!options.how.format.empty()) command += " --to " + options.how.format;
  if (options.how.with_preprocessing) command += " --with-preprocessing";
  return command + " --report " + shell_text(options.report) +
         (options.images.empty() ? "" : " --images " + shell_text(options.images));
}

/// What the written file computes, as other programs read it; none where it was not asked for.
std::optional<ParityReport> compare(const Options& options) {
  if (options.report.empty() && options.images.empty()) return std::nullopt;
  ParityReport report;
  report.file = options.file;
  report.out = options.file;
  report.command = command_of(options);
  report.stored = load_weights(options.file);
  StoredWeights copy = report.stored;
  const Model written = to_model(std::move(copy), options.file);
  report.comparison = compare_with_source(written, options.file, {}, report.stored.origin, options.images);
  return report;
}

int run_export(const Options& options) {
  if (options.threads > 0) set_threads(options.threads);
  require_writable(options.file);
  if (!options.report.empty()) require_writable(options.report);
  const Model model = load_model(find_model(options.model));
  export_model(model, options.file, options.how);
  // A pipe has no size.
  std::error_code none;
  const std::uintmax_t bytes =
      std::filesystem::is_regular_file(options.file, none) ? std::filesystem::file_size(options.file) : 0;
  const std::optional<ParityReport> report = compare(options);
  if (report && !options.report.empty()) write_report(*report, options.report);
  if (options.json) {
    nlohmann::ordered_json result = {{"model", model.file},
                                     {"network", model.spec.name},
                                     {"with_preprocessing", options.how.with_preprocessing},
                                     {"output", options.file},
                                     {"bytes", bytes}};
    if (report) result["report"] = report_json(*report);
    output_json(result);
  } else {
    output(fmt::format("{} written to {}, {}\n", printable(model.spec.name), printable(options.file),
                       bytes_text(static_cast<double>(bytes))));
    if (report) print_comparison(report->comparison);
  }
  return !report || report->comparison.equal() ? kDone : kFault;
}

}  // namespace

void add_export(CLI::App& program, Run& run) {
  auto options = std::make_shared<Options>();
  CLI::App* command = program.add_subcommand(
      "export",
      "Write a model for another program\n\nONNX files are run by ONNX Runtime, OpenVINO, browsers and many "
      "other programs, .keras files by Keras 3. They take any number of images at once, prepared as the "
      "model's preprocessing says (alexnet info MODEL). Caffe's weights, a .caffemodel, have the network "
      "beside "
      "them in a .prototxt.");
  add_model(command, options->model);
  const std::vector<std::string> formats = export_formats();
  command->add_option("--to", options->how.format, "format; default: that of the ending of --out")
      ->type_name(fmt::format("{}", fmt::join(formats, "|")))
      ->check(CLI::IsMember(formats).description(""));
  command->add_option("--out", options->file, "the file to write")->type_name("FILE")->required();
  command->add_flag("--with-preprocessing", options->how.with_preprocessing,
                    "onnx: the network takes RGB values from 0 to 1 and normalises them itself");
  add_report(command, options->report, options->images);
  add_threads(command, options->threads, "threads that check and compare");
  add_json(command, options->json, "say what was written as a JSON object");
  command->callback([options, &run] { run = [options] { return run_export(*options); }; });
}

}  // namespace alexnet::cli
