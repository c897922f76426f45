// alexnet demo: from nothing to a tested model in a few minutes, on real images.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <memory>

#include "alexnet/classifier.h"
#include "alexnet/dataset.h"
#include "alexnet/error.h"
#include "alexnet/train.h"
#include "arguments/options.h"
#include "charts/charts.h"
#include "charts/png.h"
#include "command.h"
#include "console/image_text.h"
#include "console/output.h"
#include "console/stop_signal.h"
#include "console/terminal.h"
#include "console/train_view.h"
#include "text/confusion.h"
#include "text/text.h"

namespace alexnet::cli {
namespace {

struct Options {
  std::string data = "/usr/share/datasets/fashion-mnist";
  std::string out;
  int threads = 0;
};

/// The article's network at 64x64x1. Two epochs are enough when the learning rate is higher than the
/// article's and falls to nothing; the time limit is for slow machines.
TrainConfig recipe(const Options& options) {
  TrainConfig config;
  config.data = options.data;
  config.out = options.out;
  config.threads = options.threads;
  config.size = 64;
  config.channels = 1;
  config.augment = "none";
  config.epochs = 2;
  config.lr = 0.02;
  config.warmup_epochs = 0.1;
  config.max_minutes = 5;
  return config;
}

constexpr int kGap = 2;
constexpr int kMinWidth = 25;
constexpr std::size_t kRows = 2;

/// A test image in lines of equal width, with what it is and what the network takes it for.
std::vector<std::string> tile(const Image& image, const std::string& truth, const Prediction& seen, int width,
                              Colours colours) {
  std::vector<std::string> lines = image_text(image.pixels, image.width, image.height, width, colours);
  const int drawn = std::min(width, image.width);
  for (std::string& line : lines) line += std::string(static_cast<std::size_t>(width - drawn), ' ');
  const double percent = 100 * static_cast<double>(seen.probability);
  const std::string verdict = seen.name == truth ? fmt::format("right, {:.0f} %", percent)
                                                 : fmt::format("WRONG: {} {:.0f} %", seen.name, percent);
  for (const std::string& caption : {truth, verdict}) {
    const std::string text = shortened(printable(caption), width);
    lines.push_back(text + std::string(static_cast<std::size_t>(width - text_width(text)), ' '));
  }
  return lines;
}

void draw_images(const Model& model, const ImageSource& source) {
  const Terminal screen = terminal(1);
  const int across = std::max(1, (screen.columns - 1 + kGap) / (kMinWidth + kGap));
  const int width = (screen.columns - 1 + kGap) / across - kGap;
  Classifier classifier(model, {.batch = 1, .top = 1, .engine = "cpu"});
  const std::size_t count = std::min(kRows * static_cast<std::size_t>(across), source.size());
  std::vector<std::string> lines;
  for (std::size_t i = 0; i < count; ++i) {
    const Image image = source.load(i, 1);
    const std::string& truth = model.classes[static_cast<std::size_t>(source.label(i))];
    const auto next = tile(image, truth, classifier.classify(image).front(), width, screen.colours);
    const bool starts_row = i % static_cast<std::size_t>(across) == 0;
    if (starts_row) lines.assign(next.size(), "");
    for (std::size_t l = 0; l < next.size(); ++l)
      lines[l] += (starts_row ? "" : std::string(kGap, ' ')) + next[l];
    if ((i + 1) % static_cast<std::size_t>(across) == 0 || i + 1 == count)
      output(fmt::format("{}\n\n", fmt::join(lines, "\n")));
  }
}

/// A test image of which the closing lines speak; empty in a program without charts, which writes no PNG.
std::filesystem::path save_example(const std::filesystem::path& run, const ImageSource& source) {
  if (!charts_available()) return {};
  std::filesystem::path file = run / "example.png";
  save_png(file, source.load(0, 1));
  return file;
}

void say_what_next(const TrainResult& result, const std::string& data, const std::filesystem::path& example) {
  const std::string run = shell_text(result.run);
  output(
      fmt::format("The model, its metrics and charts are in {}. Try:\n"
                  "  alexnet eval {} {}\n"
                  "  alexnet classify {} {}\n\n"
                  "For photos of your own, make a folder per class, with a hundred photos or more:\n"
                  "  photos/cats/*.jpg  photos/dogs/*.jpg  photos/birds/*.jpg\n"
                  "and then:\n"
                  "  alexnet train photos --val-split 0.1 --out runs/photos\n"
                  "  alexnet classify runs/photos NEW_PHOTO.jpg\n",
                  printable(result.run.string()), run, shell_text(data), run,
                  example.empty() ? "IMAGE" : shell_text(example)));
}

int run_demo(const Options& options) {
  if (!std::filesystem::exists(options.data))
    throw DataError(options.data, "does not exist",
                    "install the images with 'apt install dataset-fashion-mnist', or name a folder of IDX "
                    "files with --data");
  TrainResult result;
  {
    TrainView view(false);
    result = train(recipe(options), view, &catch_stop_signals());
    if (result.interrupted) return view.finish(result);
  }
  const Model model = load_model(result.run / "best.safetensors");
  const auto source = open_evaluation(options.data, model.classes);
  const Evaluation& test = result.validation;
  if (test.images > 0)
    output("\n" + confusion_text(model.classes, test.confusion.counts, terminal(1).columns) + "\n");
  draw_images(model, *source);
  if (test.images > 0) {
    const auto right = std::llround(test.top1 * static_cast<double>(test.images));
    output(fmt::format("{} of {} test images right: top-1 {:.4f}, top-5 {:.4f}, loss {:.4f}\n\n",
                       grouped(right), grouped(test.images), test.top1, test.top5, test.loss));
  }
  say_what_next(result, options.data, save_example(result.run, *source));
  return kDone;
}

}  // namespace

void add_demo(CLI::App& program, Run& run) {
  auto options = std::make_shared<Options>();
  CLI::App* command = program.add_subcommand(
      "demo",
      "Train the article's network on 60,000 real images in minutes and look at it\n\nThe images are "
      "those "
      "of Debian's package dataset-fashion-mnist: ten kinds of clothing, 28x28 gray, scaled to 64x64.");
  command->add_option("--data", options->data, "folder with the IDX files")
      ->capture_default_str()
      ->type_name("DIR");
  command->add_option("--out", options->out, "run folder; runs/<date>-<time> when not given")
      ->type_name("DIR");
  add_threads(command, options->threads);
  command->callback([options, &run] { run = [options] { return run_demo(*options); }; });
}

}  // namespace alexnet::cli
