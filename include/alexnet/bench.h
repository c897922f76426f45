// How fast an engine is on this machine, beside what the machine could do.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "alexnet/dataset.h"
#include "alexnet/export.h"
#include "alexnet/network.h"

namespace alexnet {

/// Measured in this process, on as many threads as the engine computes with.
struct MachineLimits {
  std::string processor;  // "AMD EPYC 9R14"
  int threads = 0;
  std::string instructions;  // "AVX-512, bf16 products; ...": what the engine uses, and does without
  double float32 = 0;        // FLOP/s of a loop of multiply-adds on registers
  double bf16 = 0;           // FLOP/s of bf16 products on registers, of tiles where there are any; 0: none
  bool tiles = false;        // that is what the engine computes with where it may round
  double memory = 0;         // bytes/s of a[i] = b[i] + s * c[i] over arrays too large for caches (3 arrays)
};
ALEXNET_API MachineLimits measure_machine(const std::string& engine = "cpu");
/// What it is alone: nothing is measured, the limits are 0.
ALEXNET_API MachineLimits name_machine(const std::string& engine = "cpu");

/// Seconds.
struct Spread {
  double median = 0, min = 0, max = 0;
};

/// One operation of a compiled network: layers computed together.
struct OperationCost {
  std::string layers;                // "conv1+relu1"
  double forward = 0, backward = 0;  // seconds, mean over the steps
  double forward_flops = 0;          // of direct convolution and matrix products, whole batch
  double backward_flops = 0;
  /// Weights read, in as many bytes as they have where they lie (an inference plan may keep them in bf16 or
  /// in 8 bits); activations, float32 always, read and written once.
  double forward_bytes = 0;
  double backward_bytes = 0;  // the same of both gradients
};

struct NetworkBenchOptions {
  NetworkSpec spec;
  bool training = true;
  int batch = 128;
  std::string engine = "cpu";
  /// See ClassifierOptions; training: f32, or, on processors with matrix tiles, bf16.
  std::string precision = "f32";
  std::string convolution = "auto";  // auto: Winograd's algorithm where it is faster | direct
  double seconds = 10;  // measured for at least so long, and five steps, after two that do not count
  /// Called after each step with its number and the seconds measured so far.
  std::function<void(int, double)> progress;
};

struct NetworkBench {
  int steps = 0;
  Spread step;              // a batch: forward, and in training loss, backward and the optimizer's update
  double update = 0;        // of it, the optimizer's; mean
  double images_per_s = 0;  // by the median
  double flops = 0;         // of a step, by direct convolution
  std::vector<OperationCost> operations;
  std::int64_t planned_bytes = 0;  // activations, gradients of them and work space
  std::int64_t peak_bytes = 0;     // resident memory of the process at most, while it measured
  bool peak_is_own = true;  // false: the system would not forget what the process held at most before that
};

/// Random images in memory, weights as at the start of training. UsageError for a network, batch or
/// precision that cannot be.
ALEXNET_API NetworkBench bench_network(const NetworkBenchOptions& options);

struct LoaderBenchOptions {
  int channels = 3, resize = 256, crop = 227, batch = 128, workers = 2;
  std::int64_t images = 0;  // 0: an epoch's
  std::function<void(std::int64_t, std::int64_t)> progress;
};

/// Images per second into normalised training batches (random crops, mirrored), with nothing else to do.
struct LoaderBench {
  std::int64_t images = 0;
  double first = 0;   // each decoded and scaled
  double cached = 0;  // from the cache of scaled images, as from the second epoch on
};
ALEXNET_API LoaderBench bench_loader(std::shared_ptr<const ImageSource> source,
                                     const LoaderBenchOptions& options);

struct LayerBenchOptions {
  std::string filter;    // part of the names of what is measured; empty: everything
  bool json = false;     // instead of the table
  bool colours = false;  // in the table
  std::string engine = "cpu";
  /// Called before the first is measured; its names and values go into the JSON's "context" (in a process
  /// those of its first such call).
  std::function<std::map<std::string, std::string>()> machine;
};

/// Every layer of the network that costs something, alone, forward and backward, by Google Benchmark, which
/// prints its own table (or JSON) to standard output. UsageError when no name has the filter in it.
ALEXNET_API void bench_layers(const NetworkSpec& spec, int batch, const LayerBenchOptions& options);

}  // namespace alexnet
