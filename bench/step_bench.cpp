// How long the fast engine takes for the article's network, operation by operation.
//
//   step_bench train|infer [--batch N] [--size N] [--classes N] [--steps N] [--threads N] [--direct]
//
// Random data in memory. A training step is forward, the loss, backward and SGD with momentum. Figures are
// medians over the steps; operations' are means.
#include <fmt/core.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <string>
#include <vector>

#include "alexnet/error.h"
#include "base/parallel.h"
#include "base/random.h"
#include "engine/cpu/cpu_network.h"
#include "engine/loss.h"
#include "tensor/slab.h"

namespace {

using namespace alexnet;

struct Arguments {
  bool training = true;
  int batch = 128, size = 227, classes = 1000, steps = 5;
  Convolution convolution = Convolution::kAuto;
  Precision precision = Precision::kFloat32;
};

Arguments parse(int count, char** words) {
  Arguments arguments;
  for (int i = 1; i < count; ++i) {
    const std::string word = words[i];
    const auto number = [&] {
      if (++i == count) throw UsageError(word, "needs a number");
      return std::max(1, std::atoi(words[i]));
    };
    if (word == "train" || word == "infer")
      arguments.training = word == "train";
    else if (word == "--batch")
      arguments.batch = number();
    else if (word == "--size")
      arguments.size = number();
    else if (word == "--classes")
      arguments.classes = number();
    else if (word == "--steps")
      arguments.steps = number();
    else if (word == "--threads")
      set_thread_count(number());
    else if (word == "--bf16")
      arguments.precision = Precision::kBf16;
    else if (word == "--int8")
      arguments.precision = Precision::kInt8;
    else if (word == "--direct")
      arguments.convolution = Convolution::kDirect;
    else
      throw UsageError(word, "is not a flag", "see the head of step_bench.cpp");
  }
  return arguments;
}

/// v = 0.9 v - lr (g + l2 w); w += v, in one pass.
void sgd(CompiledNetwork& network, Slab& velocity) {
  float *w = network.parameters().data(), *v = velocity.data();
  const float* g = network.gradients().data();
  parallel_for(static_cast<std::int64_t>(velocity.size()), 1 << 16,
               [&](std::int64_t begin, std::int64_t end) {
                 for (std::int64_t i = begin; i < end; ++i) {
                   v[i] = 0.9F * v[i] - 0.01F * (g[i] + 0.0004F * w[i]);
                   w[i] += v[i];
                 }
               });
  network.parameters_changed();
}

double seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

void run(const Arguments& arguments) {
  const NetworkSpec spec = build(arguments.size, arguments.size, 3, arguments.classes);
  CompileOptions options;
  options.batch = arguments.batch;
  options.training = arguments.training;
  options.convolution = arguments.convolution;
  options.precision = arguments.precision;
  const auto network = compile_cpu(spec, options);
  const NamedTensors weights = initial_weights(spec, 0);
  network->load(weights);
  RandomStream random(0, Purpose::kSample, 0, 0);
  for (float& value : network->input()) value = random.normal();
  std::vector<int> labels(static_cast<std::size_t>(arguments.batch));
  for (int& label : labels)
    label = static_cast<int>(random.below(static_cast<std::uint32_t>(arguments.classes)));
  Slab velocity(arguments.training ? network->parameters().size() : 0);

  std::vector<double> times, optimizer;
  std::vector<OperationTime> first;
  for (int step = 0; step <= arguments.steps; ++step) {
    const double start = seconds();
    network->forward(
        {arguments.training ? Pass::kTraining : Pass::kInference, 0, static_cast<unsigned>(step)});
    if (arguments.training) {
      softmax_cross_entropy(network->logits(), labels, {}, network->logits_gradient());
      network->backward();
      const double before = seconds();
      sgd(*network, velocity);
      optimizer.push_back(seconds() - before);
    }
    times.push_back(seconds() - start);
    const auto so_far = operation_times(*network);
    if (step == 0) first.assign(so_far.begin(), so_far.end());  // the first step does not count
  }

  const auto now = operation_times(*network);
  fmt::print("{:<28}{:>12}{:>12}\n", "ms", "forward", "backward");
  for (std::size_t i = 0; i < now.size(); ++i)
    fmt::print("{:<28}{:>12.2f}{:>12.2f}\n", now[i].name,
               1e3 * (now[i].forward - first[i].forward) / arguments.steps,
               1e3 * (now[i].backward - first[i].backward) / arguments.steps);
  const auto median = [](std::vector<double> values) {
    values.erase(values.begin());
    std::ranges::sort(values);
    return values[values.size() / 2];
  };
  if (arguments.training) fmt::print("{:<28}{:>12.2f}\n", "optimizer", 1e3 * median(optimizer));
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  fmt::print("{}: batch {}, {:.1f} ms, {:.2f} images/s; activations {} MiB, peak {} MiB\n",
             arguments.training ? "train" : "infer", arguments.batch, 1e3 * median(times),
             arguments.batch / median(times), network->planned_bytes() >> 20, usage.ru_maxrss >> 10);
}

}  // namespace

int main(int count, char** words) {
  try {
    run(parse(count, words));
    return 0;
  } catch (const Error& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 2;
  }
}
