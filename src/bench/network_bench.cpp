#include <algorithm>
#include <fstream>
#include <string>
#include <utility>

#include "alexnet/bench.h"
#include "alexnet/error.h"
#include "base/random.h"
#include "base/stopwatch.h"
#include "engine/registry/registry.h"

namespace alexnet {
namespace {

constexpr int kWarmUp = 2, kMinSteps = 5;

std::unique_ptr<CompiledNetwork> compile_for(const NetworkBenchOptions& options) {
  CompileOptions wanted;
  wanted.batch = options.batch;
  wanted.training = options.training;
  if (options.training) wanted.update = UpdateRule{};
  wanted.convolution = convolution_from_string(options.convolution);
  wanted.precision = precision_from_string(options.precision);
  // Refuses precisions that are not offered: a number must not bear the name of one that was not computed in.
  return find_engine(options.engine).compile(options.spec, wanted);
}

/// The steps of a training or of inference, on random images.
class Steps {
 public:
  Steps(const NetworkBenchOptions& options, CompiledNetwork& network)
      : training_(options.training), network_(network), labels_(static_cast<std::size_t>(options.batch)) {
    NamedTensors weights = initial_weights(options.spec, 0);
    network.load(weights);
    if (!training_) weights_ = std::move(weights);  // an inference plan may read them where they are
    RandomStream random(0, Purpose::kSample, 0, 0);
    for (float& value : network.input()) value = random.normal();
    const auto classes = static_cast<std::uint32_t>(class_count(options.spec));
    for (int& label : labels_) label = static_cast<int>(random.below(classes));
  }

  /// Seconds of the update.
  double make(int step) {
    network_.forward({training_ ? Pass::kTraining : Pass::kInference, 0, static_cast<std::uint32_t>(step)});
    if (!training_) return 0;
    network_.loss({.labels = labels_}, {});
    network_.backward();
    const Stopwatch watch;
    network_.update(0.001, step + 1);
    return watch.seconds();
  }

 private:
  bool training_;
  CompiledNetwork& network_;
  NamedTensors weights_;
  std::vector<int> labels_;
};

/// Bytes of a kernel as an operation reads it; float32 and bf16, or whole numbers with a scale per unit.
double kernel_bytes(const Shape& shape, Precision precision) {
  const auto numbers = static_cast<double>(element_count(shape));
  switch (precision) {
    case Precision::kFloat32:
      return 4 * numbers;
    case Precision::kBf16:
      return 2 * numbers;
    case Precision::kInt8:
      return numbers + 4 * static_cast<double>(shape.front());
  }
  return 0;
}

/// Of all parameters and statistics of an operation's layers.
double weight_bytes(const OperationTime& time, const NetworkSpec& spec, Precision precision) {
  double bytes = 0;
  for (const ParameterInfo& info : parameters(spec))
    if (time.first_layer <= info.layer && info.layer < time.last_layer)
      bytes += kernel_bytes(info.shape, info.role == Role::kKernel ? precision : Precision::kFloat32);
  return bytes;
}

/// What an operation's layers compute and move, by the summary of the network.
OperationCost cost_of(const OperationTime& time, const NetworkSpec& spec, const Summary& summary, int batch) {
  OperationCost cost;
  cost.layers = time.name;
  if (time.first_layer == time.last_layer) return cost;  // brings the input into another layout
  for (std::size_t layer = time.first_layer; layer < time.last_layer; ++layer) {
    const LayerSummary& one = summary.layers[layer];
    // Backward is two products of the same size; the first layer of a network needs only its weights'.
    cost.forward_flops += batch * one.forward_flops;
    cost.backward_flops += batch * one.forward_flops * (layer == 0 ? 1 : 2);
  }
  const Extent& in = time.first_layer == 0 ? summary.input : summary.layers[time.first_layer - 1].output;
  const Extent& out = summary.layers[time.last_layer - 1].output;
  const double moved = batch * static_cast<double>(in.size() + out.size()) * sizeof(float);
  cost.forward_bytes = weight_bytes(time, spec, time.kernel) + moved;
  cost.backward_bytes = 2 * weight_bytes(time, spec, Precision::kFloat32) + 2 * moved;
  return cost;
}

std::vector<OperationCost> costs_between(const std::vector<OperationTime>& before,
                                         std::span<const OperationTime> after, int steps,
                                         const NetworkBenchOptions& options) {
  const Summary summary = summarize(options.spec);
  std::vector<OperationCost> costs;
  for (std::size_t i = 0; i < after.size(); ++i) {
    costs.push_back(cost_of(after[i], options.spec, summary, options.batch));
    costs.back().forward = (after[i].forward - before[i].forward) / steps;
    costs.back().backward = (after[i].backward - before[i].backward) / steps;
  }
  return costs;
}

Spread spread_of(std::vector<double> values) {
  std::ranges::sort(values);
  return {values[values.size() / 2], values.front(), values.back()};
}

/// Makes the kernel count the process's peak memory anew, from what there is now; false where it will not.
bool forget_peak() {
  std::ofstream file("/proc/self/clear_refs");
  file << "5" << std::flush;  // see proc_pid_clear_refs(5)
  return file.good();
}

/// Since forget_peak(), where that could be; rusage would tell what a program had that started this one, too.
std::int64_t peak_bytes() {
  std::ifstream file("/proc/self/status");
  for (std::string line; std::getline(file, line);)
    if (line.starts_with("VmHWM:")) return std::stoll(line.substr(line.find(':') + 1)) * 1024;
  return 0;
}

}  // namespace

NetworkBench bench_network(const NetworkBenchOptions& options) {
  const bool forgotten = forget_peak();
  const auto network = compile_for(options);
  Steps steps(options, *network);
  for (int i = 0; i < kWarmUp; ++i) steps.make(i);

  const auto now = network->operation_times();
  const std::vector<OperationTime> before(now.begin(), now.end());
  std::vector<double> times;
  double measured = 0, updating = 0;
  while (measured < options.seconds || times.size() < kMinSteps) {
    const Stopwatch watch;
    updating += steps.make(kWarmUp + static_cast<int>(times.size()));
    times.push_back(watch.seconds());
    measured += times.back();
    if (options.progress) options.progress(static_cast<int>(times.size()), measured);
  }

  NetworkBench bench;
  bench.steps = static_cast<int>(times.size());
  bench.step = spread_of(times);
  bench.update = updating / bench.steps;
  bench.images_per_s = options.batch / bench.step.median;
  const Summary summary = summarize(options.spec);
  bench.flops = options.batch * (options.training ? summary.training_flops : summary.forward_flops);
  bench.operations = costs_between(before, network->operation_times(), bench.steps, options);
  bench.planned_bytes = static_cast<std::int64_t>(network->planned_bytes());
  bench.peak_bytes = peak_bytes();
  bench.peak_is_own = forgotten;
  return bench;
}

}  // namespace alexnet
