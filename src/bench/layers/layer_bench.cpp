#include <benchmark/benchmark.h>

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "alexnet/bench.h"
#include "alexnet/error.h"
#include "base/random.h"
#include "engine/registry/registry.h"
#include "model/geometry.h"

namespace alexnet {
namespace {

void fill(std::span<float> values) {
  RandomStream random(0, Purpose::kSample, 0, 0);
  for (float& value : values) value = random.normal();
}

/// Compiled when it is its turn, so that one layer's memory is there at a time.
void run_layer(benchmark::State& state, const Engine& engine, const NetworkSpec& spec, int batch,
               bool backward, double flops) {
  CompileOptions options;
  options.batch = batch;
  options.training = true;
  options.input_gradient = true;
  const auto network = engine.compile(spec, options);
  network->load(initial_weights(spec, 0));
  fill(network->input());
  std::vector<float> gradient(network->logits().size());
  fill(gradient);
  network->set_logits_gradient(gradient);
  // Of the layer alone: a network of one layer also brings its input and output into other layouts.
  const auto seconds = [&] {
    double sum = 0;
    for (const OperationTime& time : network->operation_times())
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

/// Google Benchmark 1.7 deletes its own after the first run.
std::unique_ptr<benchmark::BenchmarkReporter> new_reporter(bool json, bool colours) {
  using Console = benchmark::ConsoleReporter;
  if (json) return std::make_unique<benchmark::JSONReporter>();
  return std::make_unique<Console>(colours ? Console::OO_Color : Console::OO_None);
}

}  // namespace

void bench_layers(const NetworkSpec& spec, int batch, const LayerBenchOptions& options) {
  const Engine& engine = find_engine(options.engine);
  const Summary summary = summarize(spec);
  benchmark::ClearRegisteredBenchmarks();  // an earlier call's
  bool any = false;
  for (std::size_t layer = 0; layer < spec.layers.size(); ++layer) {
    const auto& kind = spec.layers[layer].kind;
    if (std::holds_alternative<Flatten>(kind) || std::holds_alternative<Softmax>(kind)) continue;
    const double flops = batch * summary.layers[layer].forward_flops;
    for (const bool backward : {false, true}) {
      const std::string name = spec.layers[layer].name + (backward ? "/backward" : "/forward");
      if (name.find(options.filter) == std::string::npos) continue;
      any = true;
      benchmark::RegisterBenchmark(
          name.c_str(),
          [&engine, one = part_of(spec, layer, layer + 1), batch, backward, flops](benchmark::State& state) {
            run_layer(state, engine, one, batch, backward, backward ? 2 * flops : flops);
          })
          ->Unit(benchmark::kMillisecond)
          ->UseManualTime();
    }
  }
  if (!any) throw UsageError("--filter", "no layer's name has '" + options.filter + "' in it");
  std::string program = "bench";
  char* argument = program.data();
  int count = 1;
  benchmark::Initialize(&count, &argument);
  const std::map<std::string, std::string> context =
      options.machine ? options.machine() : std::map<std::string, std::string>();
  static std::once_flag added;  // the first of a name stays, and so does the machine
  if (options.json)
    std::call_once(added, [&] {
      for (const auto& [name, value] : context) benchmark::AddCustomContext(name, value);
    });
  benchmark::RunSpecifiedBenchmarks(new_reporter(options.json, options.colours).get());
}

}  // namespace alexnet
