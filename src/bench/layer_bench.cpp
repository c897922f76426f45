#include <benchmark/benchmark.h>

#include <memory>
#include <string>

#include "alexnet/bench.h"
#include "alexnet/error.h"
#include "base/random.h"
#include "engine/cpu/cpu_network.h"
#include "model/geometry.h"

namespace alexnet {
namespace {

void fill(std::span<float> values) {
  RandomStream random(0, Purpose::kSample, 0, 0);
  for (float& value : values) value = random.normal();
}

/// Compiled when it is its turn, so that one layer's memory is there at a time.
void run_layer(benchmark::State& state, const NetworkSpec& spec, int batch, bool backward, double flops) {
  CompileOptions options;
  options.batch = batch;
  options.training = true;
  options.input_gradient = true;
  const auto network = compile_cpu(spec, options);
  network->load(initial_weights(spec, 0));
  fill(network->input());
  fill(network->logits_gradient());
  // Of the layer alone: a network of one layer also brings its input and output into other layouts.
  const auto seconds = [&] {
    double sum = 0;
    for (const OperationTime& time : operation_times(*network))
      if (time.last_layer > time.first_layer) sum += backward ? time.backward : time.forward;
    return sum;
  };
  const PassOptions pass{Pass::kTraining, 0, 0};
  network->forward(pass);
  while (state.KeepRunning()) {
    const double before = seconds();
    if (backward)
      network->backward();
    else
      network->forward(pass);
    state.SetIterationTime(seconds() - before);
  }
  if (flops > 0)
    state.counters["FLOP/s"] =
        benchmark::Counter(flops * static_cast<double>(state.iterations()), benchmark::Counter::kIsRate);
}

}  // namespace

void bench_layers(const NetworkSpec& spec, int batch, const std::string& filter, bool json,
                  const std::function<std::map<std::string, std::string>()>& machine) {
  const Summary summary = summarize(spec);
  bool any = false;
  for (std::size_t layer = 0; layer < spec.layers.size(); ++layer) {
    const auto& kind = spec.layers[layer].kind;
    if (std::holds_alternative<Flatten>(kind) || std::holds_alternative<Softmax>(kind)) continue;
    const double flops = batch * summary.layers[layer].forward_flops;
    for (const bool backward : {false, true}) {
      const std::string name = spec.layers[layer].name + (backward ? "/backward" : "/forward");
      if (name.find(filter) == std::string::npos) continue;
      any = true;
      benchmark::RegisterBenchmark(
          name.c_str(),
          [one = part_of(spec, layer, layer + 1), batch, backward, flops](benchmark::State& state) {
            run_layer(state, one, batch, backward, backward ? 2 * flops : flops);
          })
          ->Unit(benchmark::kMillisecond)
          ->UseManualTime();
    }
  }
  if (!any) throw UsageError("--filter", "no layer's name has '" + filter + "' in it");
  std::vector<std::string> words = {"bench",
                                    std::string("--benchmark_format=") + (json ? "json" : "console")};
  std::vector<char*> arguments;
  arguments.reserve(words.size());
  for (std::string& word : words) arguments.push_back(word.data());
  int count = static_cast<int>(arguments.size());
  benchmark::Initialize(&count, arguments.data());
  for (const auto& [name, value] : machine())
    if (json) benchmark::AddCustomContext(name, value);
  benchmark::RunSpecifiedBenchmarks();
}

}  // namespace alexnet
