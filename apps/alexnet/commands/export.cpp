// alexnet export: a model as a file of another program.
#include <fmt/format.h>

#include <filesystem>
#include <memory>

#include "alexnet/model.h"
#include "alexnet/output_file.h"
#include "alexnet/threads.h"
#include "arguments/options.h"
#include "command.h"
#include "console/output.h"
#include "text/text.h"

namespace alexnet::cli {
namespace {

struct Options {
  std::string model, file;
  ExportOptions how;
  int threads = 0;
  bool json = false;
};

int run_export(const Options& options) {
  if (options.threads > 0) set_threads(options.threads);
  require_writable(options.file);
  const Model model = load_model(model_file(options.model));
  export_model(model, options.file, options.how);
  // A pipe has no size.
  std::error_code none;
  const std::uintmax_t bytes =
      std::filesystem::is_regular_file(options.file, none) ? std::filesystem::file_size(options.file) : 0;
  if (options.json)
    output_json(nlohmann::ordered_json{{"model", model.file},
                                       {"network", model.spec.name},
                                       {"with_preprocessing", options.how.with_preprocessing},
                                       {"output", options.file},
                                       {"bytes", bytes}});
  else
    output(fmt::format("{} written to {}, {}\n", printable(model.spec.name), printable(options.file),
                       bytes_text(static_cast<double>(bytes))));
  return kDone;
}

}  // namespace

void add_export(CLI::App& program, Run& run) {
  auto options = std::make_shared<Options>();
  CLI::App* command = program.add_subcommand(
      "export",
      "Write a model for another program\n\nONNX files are run by ONNX Runtime, OpenVINO, browsers and many "
      "other programs. They take any number of images at once, prepared as the model's preprocessing says "
      "(alexnet info MODEL).");
  add_model(command, options->model);
  const std::vector<std::string> formats = export_formats();
  command->add_option("--to", options->how.format, "format; default: that of the ending of --out")
      ->type_name(fmt::format("{}", fmt::join(formats, "|")))
      ->check(CLI::IsMember(formats).description(""));
  command->add_option("--out", options->file, "the file to write")->type_name("FILE")->required();
  command->add_flag("--with-preprocessing", options->how.with_preprocessing,
                    "onnx: the network takes RGB values from 0 to 1 and normalises them itself");
  add_threads(command, options->threads, "threads that check the weights");
  add_json(command, options->json, "say what was written as a JSON object");
  command->callback([options, &run] { run = [options] { return run_export(*options); }; });
}

}  // namespace alexnet::cli
