// Stands in for the layers' benchmark in a program that was built without Google Benchmark.
#include "alexnet/bench.h"
#include "alexnet/error.h"

namespace alexnet {

void bench_layers(const NetworkSpec&, int, const LayerBenchOptions&) {
  throw UsageError("bench ops", "is not part of this program", "build it with -D ALEXNET_WITH_BENCH=ON");
}

}  // namespace alexnet
