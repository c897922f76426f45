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
  std::string processor;     ///< its name, such as "AMD EPYC 9R14"
  int threads = 0;           ///< threads that the engine computes with
  std::string instructions;  ///< those that the engine uses and lacks: "AVX-512, bf16 products; ..."
  double float32 = 0;        ///< FLOP/s of a loop of multiply-adds on registers
  double bf16 = 0;     ///< FLOP/s of bf16 products, on matrix tiles or else on registers; 0: there are none
  bool tiles = false;  ///< the engine multiplies bf16 on matrix tiles
  double memory = 0;   ///< bytes/s of a[i] = b[i] + s * c[i] over arrays too large for caches (3 arrays)
};
/// Describes and measures the machine, in about a second. UsageError for an unknown engine.
ALEXNET_API MachineLimits measure_machine(const std::string& engine = "cpu");
/// Describes the machine without measuring it: the limits are 0.
ALEXNET_API MachineLimits name_machine(const std::string& engine = "cpu");

/// Statistics of a duration, in seconds.
struct Spread {
  double median = 0,  ///< of an even number of values, the larger of the two in the middle
      min = 0,        ///< the shortest
      max = 0;        ///< the longest
};

/// One operation of a compiled network: layers computed together.
struct OperationCost {
  std::string layers;         ///< their names, such as "conv1+relu1"
  double forward = 0,         ///< seconds, mean over the steps
      backward = 0;           ///< seconds, mean over the steps; 0 in inference
  double forward_flops = 0;   ///< of direct convolution and matrix products, whole batch
  double backward_flops = 0;  ///< of both gradients, whole batch; the first layer needs none for its input
  /// Bytes of the weights as they are stored (an inference plan may keep them in bf16 or in 8 bits), read
  /// once, and of the activations, always float32, read and written once.
  double forward_bytes = 0;
  double backward_bytes = 0;  ///< the same of both gradients
};

/// Options of bench_network().
struct NetworkBenchOptions {
  NetworkSpec spec;            ///< network to measure; it must have layers
  bool training = true;        ///< false: the forward pass of inference alone
  int batch = 128;             ///< images per step
  std::string engine = "cpu";  ///< one of engine_names()
  /// See ClassifierOptions; training: f32, or, on processors with matrix tiles, bf16.
  std::string precision = "f32";
  std::string convolution = "auto";  ///< auto (Winograd's algorithm where it is faster) or direct
  double seconds = 10;  ///< minimum duration; at least five steps are measured, after two that do not count
  /// Called after each step with its number and the seconds measured so far.
  std::function<void(int, double)> progress;
};

/// Speed and memory of one network, as measured by bench_network().
struct NetworkBench {
  int steps = 0;            ///< measured steps, without the two before them
  Spread step;              ///< duration of a step: forward, and in training also loss, backward and update
  double update = 0;        ///< seconds of a step that the optimizer's update takes, mean
  double images_per_s = 0;  ///< from the median of `step`
  double flops = 0;         ///< FLOPs of a step by direct convolution
  std::vector<OperationCost> operations;  ///< in the order of the forward pass
  std::int64_t planned_bytes = 0;         ///< activations, their gradients and work space
  std::int64_t peak_bytes = 0;  ///< maximum resident memory of the process while it measured; 0: not known
  bool peak_is_own = true;      ///< false: `peak_bytes` may come from before the measurement
};

/// Random images in memory, weights as at the start of training. UsageError for a network, batch or
/// precision that cannot be.
ALEXNET_API NetworkBench bench_network(const NetworkBenchOptions& options);

/// Options of bench_loader().
struct LoaderBenchOptions {
  int channels = 3,         ///< 1: gray, 3: RGB
      resize = 256,         ///< short side before the crop, in pixels
      crop = 227,           ///< side of the crop, in pixels
      batch = 128,          ///< images per batch; at most those of the source
      workers = 2;          ///< threads that read images
  std::int64_t images = 0;  ///< minimum per pass, up to those of the source; 0: all whole batches
  /// Called after each batch with images done and in all, over both passes.
  std::function<void(std::int64_t, std::int64_t)> progress;
};

/// Images per second into normalised training batches (random crops, mirrored), with nothing else to do.
struct LoaderBench {
  std::int64_t images = 0;  ///< loaded in each of the two passes
  double first = 0;         ///< images/s of the first pass, which decodes and scales each image
  double cached = 0;        ///< images/s of the second pass, from the cache of scaled images
};
/// Makes two passes over the source, the first without and the second with cached images.
ALEXNET_API LoaderBench bench_loader(std::shared_ptr<const ImageSource> source,
                                     const LoaderBenchOptions& options);

/// Options of bench_layers().
struct LayerBenchOptions {
  std::string filter;          ///< text in the names of what is measured, such as "conv1/"; empty: everything
  bool json = false;           ///< prints JSON instead of the table
  bool colours = false;        ///< prints the table in colours
  std::string engine = "cpu";  ///< one of engine_names()
  /// Called before the first is measured; its names and values go into the JSON's "context" (in a process
  /// those of its first such call).
  std::function<std::map<std::string, std::string>()> machine;
};

/// Every layer of the network that costs something, alone, forward and backward, by Google Benchmark, which
/// prints its own table (or JSON) to standard output. UsageError when no name has the filter in it.
ALEXNET_API void bench_layers(const NetworkSpec& spec, int batch, const LayerBenchOptions& options);

}  // namespace alexnet
