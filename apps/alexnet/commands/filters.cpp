// alexnet filters: what single channels of a network respond to.
#include "alexnet/filters.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <memory>

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

struct Options {
  std::string model, channel, data, out;
  bool json = false;
  PatchOptions how;
  Computing computing;
};

struct Channel {
  std::string layer;
  int number = 0;
};

/// "conv5:12".
Channel channel_of(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  Channel channel{text.substr(0, colon), -1};
  if (colon != std::string::npos) {
    const char *begin = text.data() + colon + 1, *end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(begin, end, channel.number);
    if (error != std::errc() || rest != end) channel.number = -1;
  }
  if (channel.number < 0)
    throw UsageError("--channel", "'" + text + "' is no channel", "give LAYER:NUMBER, such as conv5:12");
  return channel;
}

/// The paper's figure has 96 kernels, 16 in a row.
int kernels_across(std::size_t kernels) {
  return static_cast<int>(std::ceil(std::sqrt(static_cast<double>(kernels) * 16 / 6)));
}

int draw_kernels(const Options& options, const Model& model) {
  KernelImages found = kernel_images(model);
  const std::size_t count = found.kernels.size();
  const std::string file = options.out.empty() ? found.layer + ".png" : options.out;
  Sheet sheet{"", "", {}, kernels_across(count), 44, 3};
  const Image& first = found.kernels.front();
  sheet.title = fmt::format("{}: {} kernels of {}x{}x{}", found.layer, count, first.height, first.width,
                            first.channels);
  for (Image& kernel : found.kernels) sheet.images.push_back({std::move(kernel), {}});
  draw_sheet(file, sheet);
  if (options.json)
    output_json(nlohmann::ordered_json{{"layer", found.layer}, {"kernels", count}, {"image", file}});
  else
    output(fmt::format("{} kernels of {} in {}\n", count, found.layer, printable(file)));
  return kDone;
}

void print_patches(const Options& options, const StrongestPatches& found, const std::string& file) {
  if (options.json) {
    nlohmann::ordered_json patches = nlohmann::ordered_json::array();
    for (const Patch& patch : found.patches)
      patches.push_back({{"file", patch.file.string()},
                         {"activation", json_number(patch.activation)},
                         {"row", patch.row},
                         {"column", patch.column}});
    output_json(nlohmann::ordered_json{{"channel", options.channel}, {"patches", patches}, {"image", file}});
    return;
  }
  std::vector<std::vector<std::string>> rows = {{"activation", "row", "column", "file"}};
  for (const Patch& patch : found.patches)
    rows.push_back({decimal(patch.activation, 3), std::to_string(patch.row), std::to_string(patch.column),
                    printable(patch.file.string())});
  output(table(rows) + fmt::format("\n{} patches in {}\n", found.patches.size(), printable(file)));
}

int draw_patches(const Options& options, const Model& model) {
  const Channel channel = channel_of(options.channel);
  if (options.data.empty())
    throw UsageError("--channel", "needs images to look for the channel in", "name them with --data");
  const std::string file =
      options.out.empty() ? fmt::format("{}-{}.png", channel.layer, channel.number) : options.out;
  const ImageSet images = image_set(options.data, "--out", file);
  if (images.files.empty()) throw DataError(options.data, images.problem);
  require_writable(file);
  StrongestPatches found;
  {
    ProgressBar bar;
    PatchOptions how = options.how;
    how.engine = options.computing.engine;
    how.progress = [&](std::int64_t done, std::int64_t all) { bar.show("looking", done, all, ""); };
    found = strongest_patches(model, channel.layer, channel.number, images.files, how);
  }
  for (const auto& [image, reason] : found.unreadable) warn_skipped(image.string(), reason);
  if (found.patches.empty()) throw DataError(options.data, "none of its images could be read");
  Sheet sheet{fmt::format("{}, channel {} of {}", channel.layer, channel.number, found.channels),
              "The places it responds to most, as much of them as it can see",
              {},
              8,
              110};
  for (const Patch& patch : found.patches)
    sheet.images.push_back({patch.image, {decimal(patch.activation, 2), patch.file.filename().string()}});
  draw_sheet(file, sheet);
  print_patches(options, found, file);
  return found.unreadable.empty() ? kDone : kBadData;
}

int run_filters(const Options& options) {
  require_charts("filters");
  options.computing.apply();
  const Model model = load_model(find_model(options.model));
  return options.channel.empty() ? draw_kernels(options, model) : draw_patches(options, model);
}

}  // namespace

void add_filters(CLI::App& program, Run& run) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      program.add_subcommand("filters",
                             "Show what channels of a network respond to\n\nWithout --channel, the kernels "
                             "of the first convolution as "
                             "images; each is scaled on its own, middle gray is zero. With it, the places "
                             "in the images of a folder "
                             "that a channel of any layer responds to most, at most one of an image.");
  add_model(command, options->model);
  command->add_option("--channel", options->channel, "the channel, such as conv5:12")->type_name("LAYER:N");
  command->add_option("--data", options->data, "with --channel: folder of images to look in")
      ->type_name("FOLDER");
  command->add_option("--out", options->out, "the image to draw; default: conv1.png, or LAYER-N.png")
      ->type_name("FILE.png");
  add_count(command, "--top", options->how.top, 1, 1000, "patches to show");
  add_count(command, "--batch", options->how.batch, 1, kMaxBatch, "images computed at a time");
  add_json(command, options->json, "one JSON object instead of text");
  options->computing.add_to(command);
  command->callback([options, &run] { run = [options] { return run_filters(*options); }; });
}

}  // namespace alexnet::cli
