// alexnet bench: how fast this machine is, and how much of it is used.
#include "alexnet/bench.h"

#include <fmt/format.h>

#include <map>
#include <memory>

#include "alexnet/error.h"
#include "alexnet/presets.h"
#include "alexnet/train.h"
#include "arguments/options.h"
#include "command.h"
#include "console/output.h"
#include "console/terminal.h"
#include "text/text.h"

namespace alexnet::cli {
namespace {

struct Options {
  std::string work, data, filter, preset = "article";
  int size = 227, channels = 3, classes = 1000;
  int batch = 0;  // 0: 128 for training and data, 64 for inference
  int resize = 256, workers = 2, images = 0;
  double seconds = 10;
  std::string convolution = "auto";
  bool json = false;
  Computing computing;
};

constexpr double kGiga = 1e9;

nlohmann::ordered_json name_to_json(const MachineLimits& machine) {
  return {{"processor", machine.processor},
          {"threads", machine.threads},
          {"instructions", machine.instructions},
          {"tiles", machine.tiles}};
}

nlohmann::ordered_json to_json(const MachineLimits& machine) {
  nlohmann::ordered_json json = name_to_json(machine);
  json["f32_flops"] = machine.float32;
  json["bf16_flops"] = machine.bf16;
  json["memory_bytes_per_s"] = machine.memory;
  return json;
}

void print_name(const MachineLimits& machine) {
  output(fmt::format("machine  {}\n         {} threads, {}\n", machine.processor, machine.threads,
                     machine.instructions));
}

void print(const MachineLimits& machine) {
  print_name(machine);
  output(fmt::format("limits   {:.0f} GFLOP/s float32, {}, {:.1f} GB/s memory\n", machine.float32 / kGiga,
                     machine.bf16 > 0 ? fmt::format("{:.0f} GFLOP/s bf16", machine.bf16 / kGiga) : "no bf16",
                     machine.memory / kGiga));
}

MachineLimits measure(ProgressBar& bar) {
  bar.show("the machine's limits", 0, 1, "");
  return measure_machine();
}

NetworkSpec network(const Options& options) {
  return find_preset(options.preset)
      .build(options.size, options.size, options.channels, options.classes, TrainConfig{}.l2);
}

NetworkBenchOptions network_options(const Options& options) {
  NetworkBenchOptions how;
  how.spec = network(options);
  how.training = options.work == "train";
  how.batch = options.batch > 0 ? options.batch : how.training ? 128 : 64;
  how.precision = options.computing.precision;
  how.convolution = options.convolution;
  how.seconds = options.seconds;
  return how;
}

nlohmann::ordered_json to_json(const OperationCost& cost, bool training) {
  nlohmann::ordered_json json = {{"layers", cost.layers},
                                 {"forward_s", cost.forward},
                                 {"forward_flops", cost.forward_flops},
                                 {"forward_bytes", cost.forward_bytes}};
  if (training) {
    json["backward_s"] = cost.backward;
    json["backward_flops"] = cost.backward_flops;
    json["backward_bytes"] = cost.backward_bytes;
  }
  return json;
}

/// FLOP/s that nothing can exceed, but by leaving multiplications out.
double peak_of(const MachineLimits& machine, const std::string& precision) {
  return machine.tiles && precision != "f32" ? machine.bf16 : machine.float32;
}

void print_json(const MachineLimits& machine, const NetworkBench& bench, const NetworkBenchOptions& how) {
  nlohmann::ordered_json operations = nlohmann::ordered_json::array();
  for (const OperationCost& cost : bench.operations) operations.push_back(to_json(cost, how.training));
  output_json({{"work", how.training ? "train" : "infer"},
               {"machine", to_json(machine)},
               {"network", how.spec.name},
               {"input", {how.spec.input.height, how.spec.input.width, how.spec.input.channels}},
               {"batch", how.batch},
               {"precision", how.precision},
               {"steps", bench.steps},
               {"step_s", {{"median", bench.step.median}, {"min", bench.step.min}, {"max", bench.step.max}}},
               {"update_s", bench.update},
               {"images_per_s", bench.images_per_s},
               {"flops", bench.flops},
               {"of_direct_limit", bench.flops / bench.step.median / peak_of(machine, how.precision)},
               {"planned_bytes", bench.planned_bytes},
               {"peak_bytes", bench.peak_bytes},
               {"peak_is_own", bench.peak_is_own},
               {"operations", operations}});
}

/// "12.3", "461", "197 %", "8.4": milliseconds, GFLOP/s, fraction of the peak, GB/s.
void add_cells(std::vector<std::string>& row, double seconds, double flops, double bytes, double peak) {
  row.push_back(fmt::format("{:.2f}", 1e3 * seconds));
  row.push_back(flops > 0 ? fmt::format("{:.0f}", flops / seconds / kGiga) : "");
  row.push_back(flops > 0 ? fmt::format("{:.0f} %", 100 * flops / seconds / peak) : "");
  row.push_back(bytes > 0 ? fmt::format("{:.1f}", bytes / seconds / kGiga) : "");
}

void print_text(const MachineLimits& machine, const NetworkBench& bench, const NetworkBenchOptions& how) {
  const double peak = peak_of(machine, how.precision);
  print(machine);
  output(fmt::format("network  {}, {} input, {} classes, batch {}, {}\n\n", how.spec.name,
                     to_string(how.spec.input), grouped(class_count(how.spec)), how.batch, how.precision));
  std::vector<std::string> heading = {"layers", "ms", "GF/s", "peak", "GB/s"};
  if (how.training) heading.insert(heading.end(), {"back ms", "GF/s", "peak", "GB/s"});
  std::vector<std::vector<std::string>> rows = {heading};
  for (const OperationCost& cost : bench.operations) {
    std::vector<std::string> row = {cost.layers};
    add_cells(row, cost.forward, cost.forward_flops, cost.forward_bytes, peak);
    if (how.training) add_cells(row, cost.backward, cost.backward_flops, cost.backward_bytes, peak);
    rows.push_back(std::move(row));
  }
  output(table(rows) + "\n");
  if (how.training) output(fmt::format("update   {:.2f} ms\n", 1e3 * bench.update));
  output(fmt::format("step     {:.2f} ms, median of {}; {:.2f} to {:.2f}\n", 1e3 * bench.step.median,
                     bench.steps, 1e3 * bench.step.min, 1e3 * bench.step.max));
  output(fmt::format("speed    {:.1f} images/s, {:.2f} of what direct convolution could reach at most\n",
                     bench.images_per_s, bench.flops / bench.step.median / peak));
  output(fmt::format("memory   {} planned, {} in the process at most{}\n",
                     bytes_text(static_cast<double>(bench.planned_bytes)),
                     bytes_text(static_cast<double>(bench.peak_bytes)),
                     bench.peak_is_own ? "" : ", limits included"));
}

int run_network(const Options& options) {
  NetworkBenchOptions how = network_options(options);
  MachineLimits machine;
  NetworkBench bench;
  {
    ProgressBar bar;
    machine = measure(bar);
    how.progress = [&](int steps, double seconds) {
      bar.show("steps", static_cast<std::int64_t>(10 * std::min(seconds, options.seconds)),
               static_cast<std::int64_t>(10 * options.seconds), fmt::format("{} made", steps));
    };
    bench = bench_network(how);
  }
  options.json ? print_json(machine, bench, how) : print_text(machine, bench, how);
  return kDone;
}

int run_data(const Options& options) {
  if (options.data.empty()) throw UsageError("DATA", "is missing", "alexnet bench data FOLDER");
  const Dataset dataset = open_dataset(options.data);
  LoaderBenchOptions how;
  how.channels = options.channels;
  how.resize = options.resize;
  how.crop = options.size;
  how.batch = options.batch > 0 ? options.batch : how.batch;
  how.workers = options.workers;
  how.images = options.images;
  const MachineLimits machine = name_machine();  // its limits are not what bounds the reading of images
  LoaderBench bench;
  {
    ProgressBar bar;
    how.progress = [&](std::int64_t done, std::int64_t total) { bar.show("images", done, total, ""); };
    bench = bench_loader(dataset.train, how);
  }
  if (options.json) {
    output_json({{"work", "data"},
                 {"machine", name_to_json(machine)},
                 {"images", bench.images},
                 {"workers", how.workers},
                 {"images_per_s", bench.first},
                 {"cached_images_per_s", bench.cached}});
  } else {
    print_name(machine);
    output(
        fmt::format("{} images, {} workers, to {} and a crop of {}\nfirst    {:.0f} images/s\ncached   "
                    "{:.0f} images/s\n",
                    grouped(bench.images), how.workers, how.resize, how.crop, bench.first, bench.cached));
  }
  return kDone;
}

int run_ops(const Options& options) {
  const auto machine = [&] {
    MachineLimits limits;
    {
      ProgressBar bar;
      limits = measure(bar);
    }
    if (!options.json) print(limits);
    const nlohmann::ordered_json json = to_json(limits);
    std::map<std::string, std::string> context;
    for (const auto& [name, value] : json.items())
      context[name] = value.is_string() ? value.get<std::string>() : value.dump();
    return context;
  };
  bench_layers(network(options), options.batch > 0 ? options.batch : 128,
               {.filter = options.filter,
                .json = options.json,
                .colours = terminal(1).colours != Colours::kNone,
                .machine = machine});
  return kDone;
}

int run_bench(const Options& options) {
  options.computing.apply();
  if (options.work == "data") return run_data(options);
  if (!options.data.empty()) throw UsageError(options.data, "only 'bench data' takes images");
  return options.work == "ops" ? run_ops(options) : run_network(options);
}

}  // namespace

void add_bench(CLI::App& program, Run& run) {
  auto options = std::make_shared<Options>();
  CLI::App* command = program.add_subcommand(
      "bench",
      "Measure speed\n\ntrain and infer time steps on random images in memory, operation by operation, "
      "beside limits of the machine that are measured first; ops times every layer alone, beside the same "
      "limits; data times the reading of images. FLOPs are those of direct convolution, of which "
      "Winograd's leaves some out: fractions above 100 % are possible.");
  command->add_option("WORK", options->work, "what to measure")
      ->type_name("train|infer|data|ops")
      ->check(CLI::IsMember({"train", "infer", "data", "ops"}).description(""))
      ->required();
  command->add_option("DATA", options->data, "data: images with known classes");
  add_count(command, "--batch", options->batch, 0, kMaxBatch, "images at a time; 0: 128, 64 for infer");
  add_preset(command, options->preset);
  add_count(command, "--size", options->size, 1, 100'000, "side of the network's input, in pixels");
  add_count(command, "--channels", options->channels, 1, 4096, "channels of the network's input");
  add_count(command, "--classes", options->classes, 1, 1'000'000, "outputs of the network");
  command->add_option("--seconds", options->seconds, "train, infer: for so long at least")
      ->type_name("X")
      ->check(CLI::Range(0.0, 1e6).description(""))
      ->capture_default_str();
  command
      ->add_option("--convolution", options->convolution,
                   "train, infer: direct: without Winograd's algorithm")
      ->type_name("auto|direct")
      ->check(CLI::IsMember({"auto", "direct"}).description(""))
      ->capture_default_str();
  add_count(command, "--workers", options->workers, 1, 256, "data: threads that read images");
  add_count(command, "--resize", options->resize, 1, 100'000, "data: short side before the crop");
  add_count(command, "--images", options->images, 0, 1'000'000'000, "data: images to read; 0: all");
  command->add_option("--filter", options->filter, "ops: those whose name (conv1/forward) has this in it")
      ->type_name("TEXT");
  add_json(command, options->json, "one JSON object instead of tables");
  add_threads(command, options->computing.threads);
  options->computing.add_precision_to(command);
  command->callback([options, &run] { run = [options] { return run_bench(*options); }; });
}

}  // namespace alexnet::cli
