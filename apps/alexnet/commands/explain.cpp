// alexnet explain: what the network looks at in images.
#include "alexnet/explain.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <memory>

#include "alexnet/error.h"
#include "alexnet/model.h"
#include "arguments/file_names.h"
#include "arguments/image_arguments.h"
#include "arguments/model_argument.h"
#include "arguments/options.h"
#include "charts/charts.h"
#include "charts/heat.h"
#include "charts/sheet.h"
#include "command.h"
#include "console/output.h"
#include "text/text.h"

namespace alexnet::cli {
namespace {

namespace fs = std::filesystem;

struct Options {
  std::string model;
  std::vector<std::string> images;
  std::string method = "gradcam", target, out = "explained";
  bool json = false;
  ExplainOptions how;
  Computing computing;
};

/// Images on a sheet, each beside its map.
constexpr std::size_t kSheetImages = 24;

/// By name, else by index.
int class_index(const Model& model, const std::string& wanted) {
  const auto found = std::ranges::find(model.classes, wanted);
  if (found != model.classes.end()) return static_cast<int>(found - model.classes.begin());
  int index = -1;
  const char* end = wanted.data() + wanted.size();
  const auto [rest, error] = std::from_chars(wanted.data(), end, index);
  if (error == std::errc() && rest == end && index >= 0 && index < class_count(model.spec)) return index;
  throw UsageError("--class", "the model has no class '" + wanted + "'", "see 'alexnet info MODEL'");
}

std::string percent(const Prediction& prediction) {
  return fmt::format("{} {:.1f} %", prediction.name, 100 * prediction.probability);
}

/// What is drawn of images: a PNG for each, and contact sheets when there are several.
class Drawer {
 public:
  Drawer(fs::path folder, const std::string& method, std::string subtitle)
      : names_(std::move(folder), "." + method, kLongestEnding), subtitle_(std::move(subtitle)) {}

  /// Writes the image with its map beside it, and the map; their names without ending.
  fs::path draw(const fs::path& file, const Explanation& one) {
    fs::path base = names_.unique(file.stem().string());
    const SheetImage seen{one.seen, {file.filename().string(), percent(one.predicted)}};
    const SheetImage heat{heat_image(one.seen, one.map.values, static_cast<int>(one.map.shape[0]),
                                     static_cast<int>(one.map.shape[1])),
                          {"what speaks for", percent(one.explained)}};
    write_npy(base.string() + ".npy", one.map.shape, one.map.values);
    draw_sheet(base.string() + ".png", {"", subtitle_, {seen, heat}, 2, 300});
    sheet_.push_back(seen);
    sheet_.push_back(heat);
    if (sheet_.size() == 2 * kSheetImages) draw_contact_sheet();
    return base;
  }

  /// Draws the sheet begun; a single image needs none.
  void finish() {
    if (sheet_.size() > 2 || (sheet_count_ > 0 && !sheet_.empty())) draw_contact_sheet();
  }
  int sheet_count() const { return sheet_count_; }

 private:
  void draw_contact_sheet() {
    // An image may have the name of a sheet.
    draw_sheet(names_.unique(fmt::format("sheet-{}", ++sheet_count_)).string() + ".png",
               {"What the network looks at", subtitle_, std::move(sheet_), 6, 150});
    sheet_.clear();
  }

  static constexpr std::size_t kLongestEnding = 4;  // ".png", ".npy"
  FileNames names_;
  std::string subtitle_;
  std::vector<SheetImage> sheet_;
  int sheet_count_ = 0;
};

std::string subtitle(const Explainer& explainer, const ExplainOptions& how) {
  switch (how.method) {
    case ExplainMethod::kGradCam:
      return "Grad-CAM of " + explainer.layer();
    case ExplainMethod::kOcclusion:
      return "Occlusion";
    case ExplainMethod::kIntegratedGradients:
      break;
  }
  return fmt::format("Integrated gradients, {} steps", how.steps);
}

void print(const Options& options, const std::string& file, const Explanation& one, const fs::path& base) {
  if (options.json) {
    const auto prediction = [](const Prediction& p) {
      return nlohmann::ordered_json{{"class", p.name}, {"probability", json_number(p.probability)}};
    };
    output_json(nlohmann::ordered_json{{"file", file},
                                       {"explained", prediction(one.explained)},
                                       {"predicted", prediction(one.predicted)},
                                       {"image", base.string() + ".png"},
                                       {"map", base.string() + ".npy"}});
    return;
  }
  output(fmt::format("{}  {}  {}\n", printable(file), printable(percent(one.explained)),
                     printable(base.string() + ".png")));
  finish_output();
}

int run_explain(const Options& options) {
  require_charts("explain");
  options.computing.apply();
  ExplainOptions how = options.how;
  how.method = explain_method_from_string(options.method);
  how.engine = options.computing.engine;
  Model model = load_model(find_model(options.model));
  std::optional<int> target;
  if (!options.target.empty()) target = class_index(model, options.target);
  bool all_read = true;
  const auto refuse = [&](const std::string& file, const std::string& problem) {
    all_read = false;
    output_problem(options.json, file, problem);
  };
  ImageArguments arguments(options.images, refuse);
  arguments.require_outside("--out", options.out);
  Explainer explainer(std::move(model), how);
  make_output_folder(options.out);

  Drawer drawer(options.out, options.method, subtitle(explainer, how));
  while (const std::optional<fs::path> next = arguments.next()) {
    const fs::path& file = *next;
    try {
      const Image image = load_image(file, explainer.model().spec.input.channels);
      const Explanation one = explainer.explain(image, target);
      print(options, file.string(), one, drawer.draw(file, one));
    } catch (const DataError& error) {
      if (error.where() != file.string()) throw;  // not the image's fault
      refuse(file.string(), error.problem());
    }
  }
  drawer.finish();
  if (!options.json && drawer.sheet_count() > 0)
    output(fmt::format("{} contact sheet{} in {}\n", drawer.sheet_count(),
                       drawer.sheet_count() == 1 ? "" : "s", printable(options.out)));
  return all_read ? kDone : kBadData;
}

}  // namespace

void add_explain(CLI::App& program, Run& run) {
  auto options = std::make_shared<Options>();
  CLI::App* command = program.add_subcommand(
      "explain",
      "Show which regions of an image support its class\n\nWrites a PNG for each image: the image as the "
      "network sees it, and beside it the map over a gray copy. Red to yellow regions support the class, "
      "blue regions oppose it. The map itself is a .npy file. Several images get contact sheets too. Images "
      "are given as for classify.\n"
      "  gradcam     Grad-CAM: regions of a layer that raise the score of the class\n"
      "  occlusion   loss of score when a gray square covers a region\n"
      "  integrated  integrated gradients: pixels that raise the score, from gray on\n"
      "The exit code is 3 if an image could not be read; the others are still done.");
  add_model(command, options->model);
  command->add_option("IMAGE", options->images, "image files, folders, or -")->required();
  command->add_option("--method", options->method, "method of explanation; gradcam is fast")
      ->type_name("gradcam|occlusion|integrated")
      ->check(CLI::IsMember({"gradcam", "occlusion", "integrated"}).description(""))
      ->capture_default_str();
  command
      ->add_option("--class", options->target,
                   "the class to explain, its name or index; default: the most probable one")
      ->type_name("NAME");
  command
      ->add_option("--layer", options->how.layer,
                   "gradcam: a layer with spatial output; default: the last convolution")
      ->type_name("NAME");
  add_count(command, "--patch", options->how.patch, 0, 65536,
            "occlusion: side of the square in pixels; 0: a seventh of the input's side");
  add_count(command, "--stride", options->how.stride, 0, 65536,
            "occlusion: from one square to the next; 0: half a square");
  add_count(command, "--steps", options->how.steps, 1, 1'000'000,
            "integrated: number of steps between gray and the image");
  add_count(command, "--batch", options->how.batch, 1, kMaxBatch,
            "occlusion, integrated: images computed at a time");
  command->add_option("--out", options->out, "folder for the PNG and .npy files")
      ->type_name("DIR")
      ->capture_default_str();
  add_json(command, options->json, "a JSON object per image, one per line");
  options->computing.add_to(command);
  command->callback([options, &run] { run = [options] { return run_explain(*options); }; });
}

}  // namespace alexnet::cli
