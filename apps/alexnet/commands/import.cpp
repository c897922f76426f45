// alexnet import: a model of another program as a model of this one, and a report on what was made of it.
#include <fmt/format.h>

#include <memory>

#include "alexnet/error.h"
#include "alexnet/model.h"
#include "alexnet/output_file.h"
#include "alexnet/threads.h"
#include "arguments/options.h"
#include "command.h"
#include "console/output.h"
#include "parity/options.h"
#include "parity/report.h"
#include "text/text.h"

namespace alexnet::cli {
namespace {

struct Options {
  std::string file, out, classes, assumed, report, images;
  ImportOptions with;
  int threads = 0;
  bool assumes = false, json = false;  // an empty text is an assumption, too: a wrong one
};

/// The lines of a text, without those that are empty at its end.
std::vector<std::string> lines_of(const std::string& file) {
  const Bytes bytes = Bytes::map(file);
  std::string_view text(reinterpret_cast<const char*>(bytes.data.data()), bytes.data.size());
  std::vector<std::string> lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    lines.emplace_back(line.ends_with('\r') ? line.substr(0, line.size() - 1) : line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  while (!lines.empty() && lines.back().empty()) lines.pop_back();
  return lines;
}

std::string command_of(const Options& options) {
  std::string command = "alexnet import " + shell_text(options.file) + " --out " + shell_text(options.out);
  if (!options.with.network.empty()) command += " --network " + shell_text(options.with.network.string());
  if (!options.with.mean.empty()) command += " --mean " + shell_text(options.with.mean.string());
  if (!options.classes.empty()) command += " --classes " + shell_text(options.classes);
  if (options.assumes) command += " --assume " + shell_text(options.assumed);
  if (!options.images.empty()) command += " --images " + shell_text(options.images);
  return command;
}

/// Where the model came from stays with it.
void record_origin(const Origin& origin, const std::string& file, Model& model) {
  const auto record = [&](const char* key, const std::string& value) {
    if (!value.empty()) model.provenance[key] = value;
  };
  record("imported_from", std::filesystem::path(file).filename().string());
  record("source_format", origin.format + (origin.version.empty() ? "" : ", " + origin.version));
  record("source_program", origin.producer);
  record("family", origin.family);
}

int run_import(const Options& options) {
  if (options.threads > 0) set_threads(options.threads);
  require_writable(options.out);
  if (!options.report.empty()) require_writable(options.report);
  ParityReport report;
  report.file = options.file;
  report.out = options.out;
  report.command = command_of(options);
  report.stored = load_weights(options.file, options.with);
  StoredWeights& stored = report.stored;
  if (stored.spec && !options.classes.empty())
    name_classes(stored, lines_of(options.classes), options.classes);
  if (stored.spec && options.assumes) assume(stored, options.assumed);
  Model model = to_model(stored, options.file);
  record_origin(stored.origin, options.file, model);
  report.comparison =
      compare_with_source(model, options.file, options.with.network, stored.origin, options.images);
  save_model(model, options.out);
  if (!options.report.empty()) write_report(report, options.report);
  options.json ? output_json(report_json(report)) : print_report(report);
  return report.comparison.equal() ? kDone : kFault;
}

}  // namespace

void add_import(CLI::App& program, Run& run) {
  auto options = std::make_shared<Options>();
  CLI::App* command = program.add_subcommand(
      "import",
      "Make a model from a file of another program\n\nThe format is recognised by content. The report names "
      "the source "
      "of each tensor and every assumption with where it comes from, and compares the outputs with those of "
      "the program "
      "that the file comes from, where Python has it. The exit code is 1 if they differ.");
  command
      ->add_option("FILE", options->file,
                   "a file of torch.save, Keras, ONNX, Caffe, or safetensors of another program")
      ->required();
  command->add_option("--out", options->out, "the model that is written")
      ->type_name("MODEL.safetensors")
      ->required();
  command
      ->add_option("--classes", options->classes,
                   "names of the classes, one per line, in the order of the outputs")
      ->type_name("FILE");
  const CLI::Option* assume_option =
      command
          ->add_option(
              "--assume", options->assumed,
              "how images are prepared, where the file does not say: rgb, bgr, range=0..255, "
              "mean=M, std=S (in units of the range, channels separated by '/'), resize=N (short side) or "
              "resize=WxH, interpolation=bilinear|bicubic|nearest, antialias=on|off, crop=even|floor "
              "(first pixel); separated by commas")
          ->type_name("WHAT,...");
  command
      ->add_option(
          "--network", options->with.network,
          "of Caffe: the network of these weights, if it is not the .prototxt of the same name beside them")
      ->type_name("FILE.prototxt");
  command
      ->add_option(
          "--mean", options->with.mean,
          "of Caffe: the mean image, if it is not the file beside the weights that the network names")
      ->type_name("FILE.binaryproto");
  add_report(command, options->report, options->images);
  add_threads(command, options->threads);
  add_json(command, options->json, "the report as JSON instead of text");
  command->callback([options, assume_option, &run] {
    options->assumes = assume_option->count() > 0;
    run = [options] { return run_import(*options); };
  });
}

}  // namespace alexnet::cli
