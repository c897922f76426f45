// alexnet similar: the images of a folder that the network finds most like one.
#include "alexnet/similar.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <span>
#include <utility>

#include "alexnet/dataset.h"
#include "alexnet/error.h"
#include "alexnet/model.h"
#include "alexnet/output_file.h"
#include "arguments/image_arguments.h"
#include "arguments/model_argument.h"
#include "arguments/options.h"
#include "charts/charts.h"
#include "charts/sheet.h"
#include "command.h"
#include "console/output.h"
#include "console/terminal.h"
#include "text/text.h"

namespace alexnet::cli {
namespace {

namespace fs = std::filesystem;

struct Options {
  std::string model, image, folder, index, out = "similar.png";
  int top = 6;  // as many as in the paper's figure
  bool json = false;
  SimilarOptions how;
  Computing computing;
};

/// Images in a row of the sheet, and the side of each: in points, and in pixels, more than are drawn.
constexpr int kAcross = 7, kSide = 150, kThumbnail = 2 * kSide;
/// With the image asked about, 20 rows: cairo draws no more than 32,767 pixels, and nobody would look at
/// thousands.
constexpr std::size_t kMaxDrawn = 20 * kAcross - 1;

void draw(const Options& options, Image query, const std::string& layer, std::span<const Neighbour> found) {
  Sheet sheet{"Most like " + fs::path(options.image).filename().string(),
              "By the distance between outputs of " + layer,
              {},
              kAcross,
              kSide};
  sheet.images.push_back({std::move(query), {"the image itself"}});
  for (const Neighbour& one : found)
    sheet.images.push_back({thumbnail(load_image(one.file, 3), kThumbnail),
                            {one.file.parent_path().filename().string() + "/" + one.file.filename().string(),
                             decimal(one.distance, 2)}});
  draw_sheet(options.out, sheet);
}

void print(const Options& options, const SimilarityIndex& index, const std::vector<Neighbour>& found,
           std::size_t drawn) {
  if (options.json) {
    nlohmann::ordered_json neighbours = nlohmann::ordered_json::array();
    for (const Neighbour& one : found)
      neighbours.push_back({{"file", one.file.string()}, {"distance", json_number(one.distance)}});
    output_json(nlohmann::ordered_json{{"file", options.image},
                                       {"layer", index.layer()},
                                       {"images", index.size()},
                                       {"neighbours", neighbours},
                                       {"drawn", drawn},
                                       {"sheet", options.out}});
    return;
  }
  std::vector<std::vector<std::string>> rows = {{"distance", "file"}};
  for (const Neighbour& one : found) rows.push_back({decimal(one.distance, 3), printable(one.file.string())});
  output(table(rows) + fmt::format("\nof {} images\n", grouped(static_cast<std::int64_t>(index.size()))));
  finish_output();
}

int run_similar(const Options& options) {
  require_charts("similar");
  options.computing.apply();
  require_writable(options.out);
  const Model model = load_model(find_model(options.model));
  if (!fs::is_directory(options.folder))
    throw DataError(options.folder, "is no folder", "name a folder of images");
  const ImageSet images = image_set(options.folder, "--out", options.out);
  if (images.files.empty()) throw DataError(options.folder, images.problem);
  const fs::path folder = options.index.empty()
                              ? default_index_folder(options.folder, model, options.how.layer)
                              : fs::path(options.index);
  Image query = thumbnail(load_image(options.image, 3), kThumbnail);  // before hours of work on the others
  ProgressBar bar;
  SimilarOptions how = options.how;
  how.engine = options.computing.engine;
  how.progress = [&](std::int64_t done, std::int64_t all) {
    if (all > 1) bar.show("indexing", done, all, "");
  };
  SimilarityIndex index(model, folder, how);
  const SimilarityIndex::Update update = index.update(images.files);
  bar.clear();
  for (const auto& [file, reason] : update.unreadable) warn_skipped(file.string(), reason);
  if (index.size() == 0) throw DataError(options.folder, "none of its images could be read");
  const std::vector<Neighbour> found = index.nearest(options.image, options.top);
  const std::size_t drawn = std::min(found.size(), kMaxDrawn);
  print(options, index, found, drawn);  // it is the answer, whatever becomes of the drawing
  draw(options, std::move(query), index.layer(), std::span(found).first(drawn));
  if (!options.json)
    output(fmt::format("{}drawn in {}\n",
                       drawn < found.size() ? fmt::format("the nearest {} of {} ", drawn, found.size()) : "",
                       printable(options.out)));
  return update.unreadable.empty() ? kDone : kBadData;
}

}  // namespace

void add_similar(CLI::App& program, Run& run) {
  auto options = std::make_shared<Options>();
  CLI::App* command = program.add_subcommand(
      "similar",
      "Find the images of a folder that are most like one\n\nThe first time every image of the folder is "
      "put through the network and its vector kept in an index; after that only new and changed files are "
      "(by "
      "time and size). The index lies in ~/.cache/alexnet unless --index names another place. The exit code "
      "is 3 if an image of the folder could not be read.");
  add_model(command, options->model);
  command->add_option("IMAGE", options->image, "the image")->required();
  command->add_option("FOLDER", options->folder, "where to look, all folders inside included")->required();
  add_count(command, "--top", options->top, 1, 10'000, "how many to find");
  command
      ->add_option("--layer", options->how.layer,
                   "whose outputs are compared; default: the last dense one before the classes (fc7)")
      ->type_name("NAME");
  command->add_option("--index", options->index, "folder of the index")->type_name("DIR");
  command->add_option("--out", options->out, "the contact sheet")
      ->type_name("FILE.png")
      ->capture_default_str();
  add_count(command, "--batch", options->how.batch, 1, kMaxBatch, "images computed at a time for the index");
  add_json(command, options->json, "one JSON object instead of text");
  options->computing.add_to(command);
  command->callback([options, &run] { run = [options] { return run_similar(*options); }; });
}

}  // namespace alexnet::cli
