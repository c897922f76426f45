// alexnet embed: images as vectors.
#include "alexnet/embed.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <memory>

#include "alexnet/error.h"
#include "alexnet/model.h"
#include "alexnet/output_file.h"
#include "arguments/image_arguments.h"
#include "arguments/model_argument.h"
#include "arguments/options.h"
#include "charts/charts.h"
#include "command.h"
#include "console/output.h"
#include "console/terminal.h"
#include "text/text.h"

namespace alexnet::cli {
namespace {

struct Options {
  std::string model, out, projector;
  std::vector<std::string> images;
  bool json = false;
  EmbedOptions how;
  Computing computing;
};

/// What the vectors go into: a .csv with the files inside, or an .npy with the files in a .txt beside it.
std::vector<std::string> outputs(const std::filesystem::path& out) {
  if (out.empty()) return {};
  if (out.extension() == ".csv") return {out.string()};
  std::filesystem::path names = out;
  return {out.string(), names.replace_extension(".txt").string()};
}

/// All files that the vectors go into.
class Outputs final {
 public:
  Outputs(const std::vector<std::string>& files, const std::string& projector, const std::string& layer,
          std::int64_t units) {
    if (files.size() == 1) all_.push_back(embeddings_csv(files[0], units));
    if (files.size() == 2) all_.push_back(embeddings_npy(files[0], files[1], units));
    if (!projector.empty()) all_.push_back(embeddings_projector(projector, layer, units));
  }
  void add(const Embedding& one) {
    for (const auto& files : all_) files->add(one.file, one.vector);
  }
  void finish() {
    for (const auto& files : all_) files->finish();
  }

 private:
  std::vector<std::unique_ptr<EmbeddingFiles>> all_;
};

int run_embed(const Options& options) {
  options.computing.apply();
  const std::filesystem::path out = options.out;
  if (!out.empty() && out.extension() != ".npy" && out.extension() != ".csv")
    throw UsageError("--out", "'" + options.out + "' ends in neither .npy nor .csv", "name one of the two");
  if (out.empty() && options.projector.empty())
    throw UsageError("--out", "is missing", "give --out FILE, --projector DIR or both");
  std::vector<std::string> written = outputs(out);
  for (const std::string& file : written) require_writable(file);
  const Model model = load_model(find_model(options.model));
  const std::string layer = options.how.layer.empty() ? embedding_layer(model.spec) : options.how.layer;
  const std::int64_t units = output_shapes(model.spec)[layer_index(model.spec, layer)].size();
  bool all_named = true;
  ImageArguments arguments(options.images, [&](const std::string& argument, const std::string& problem) {
    all_named = false;
    output_problem(false, argument, problem);
  });
  if (!options.projector.empty()) arguments.require_outside("--projector", options.projector);
  // The length of a list is not known before its end, and need not be.
  const bool listed = std::ranges::find(options.images, "-") != options.images.end();
  if (arguments.peek(listed ? static_cast<std::size_t>(options.how.batch) : SIZE_MAX) == 0) return kBadData;
  if (!options.projector.empty()) {
    make_output_folder(options.projector);
    if (!charts_available()) note_charts_left_out();  // before hours of work
  }
  Outputs vectors(written, options.projector, layer, units);
  std::int64_t done = 0, skipped = 0;
  {
    ProgressBar bar;
    EmbedOptions how = options.how;
    how.layer = layer;
    how.engine = options.computing.engine;
    how.progress = [&](std::int64_t now, std::int64_t all) { bar.show("embedding", now, all, ""); };
    each_embedding(model, arguments.feed(), how, [&](const Embedding& one) {
      if (one.error.empty()) {
        vectors.add(one);
        ++done;
        return;
      }
      bar.clear();
      warn_skipped(one.file.string(), one.error);
      ++skipped;
    });
  }
  if (done == 0) throw DataError("images", "none could be read");
  vectors.finish();
  if (!options.projector.empty()) written.push_back(options.projector);
  if (options.json)
    output_json(nlohmann::ordered_json{
        {"layer", layer}, {"shape", {done, units}}, {"skipped", skipped}, {"written", written}});
  else
    output(fmt::format("{} of {} images, {}, written to {}\n", layer, grouped(done),
                       to_string(Shape{done, units}),
                       printable(fmt::format("{}", fmt::join(written, ", ")))));
  if (!options.json && !options.projector.empty())
    output(fmt::format("Look at them with: tensorboard --logdir {}\n", shell_text(options.projector)));
  return skipped == 0 && all_named ? kDone : kBadData;
}

}  // namespace

void add_embed(CLI::App& program, Run& run) {
  auto options = std::make_shared<Options>();
  CLI::App* command = program.add_subcommand(
      "embed",
      "Turn images into vectors\n\nWhat a layer makes of each "
      "image, as one row: images that look alike to "
      "the network lie near one another. Images are given as to "
      "classify. The exit code is 3 if an image could not be read; the others are still done.");
  add_model(command, options->model);
  command->add_option("IMAGE", options->images, "folders, image files, or -")->required();
  command
      ->add_option("--out", options->out,
                   "the vectors: .npy, with the file of each row in a .txt beside it, or .csv with both")
      ->type_name("FILE");
  command->add_option("--projector", options->projector, "folder for TensorBoard's embedding projector")
      ->type_name("DIR");
  command
      ->add_option("--layer", options->how.layer,
                   "the layer; default: the last dense one before the classes (fc7)")
      ->type_name("NAME");
  add_count(command, "--batch", options->how.batch, 1, kMaxBatch, "images computed at a time");
  add_json(command, options->json, "say what was written as a JSON object");
  options->computing.add_to(command);
  command->callback([options, &run] { run = [options] { return run_embed(*options); }; });
}

}  // namespace alexnet::cli
