#include "alexnet/bench.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <atomic>
#include <numeric>

#include "alexnet/error.h"
#include "tensor/slab.h"
#include "tests/error_text.h"
#include "tests/every_engine.h"

namespace alexnet {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

NetworkBenchOptions small() {
  NetworkBenchOptions options;
  options.spec = build(64, 64, 1, 10);
  options.batch = 2;
  options.seconds = 0;
  return options;
}

double sum(const NetworkBench& bench, double OperationCost::*part) {
  return std::accumulate(bench.operations.begin(), bench.operations.end(), 0.0,
                         [&](double so_far, const OperationCost& cost) { return so_far + cost.*part; });
}

TEST(NetworkBench, AccountsForEveryLayerOfATrainingStep) {
  const NetworkBenchOptions options = small();
  const NetworkBench bench = bench_network(options);
  const Summary summary = summarize(options.spec);
  EXPECT_GE(bench.steps, 5);
  EXPECT_LE(bench.step.min, bench.step.median);
  EXPECT_LE(bench.step.median, bench.step.max);
  EXPECT_DOUBLE_EQ(sum(bench, &OperationCost::forward_flops), 2 * summary.forward_flops);
  EXPECT_DOUBLE_EQ(sum(bench, &OperationCost::forward_flops) + sum(bench, &OperationCost::backward_flops),
                   2 * summary.training_flops);
  EXPECT_DOUBLE_EQ(bench.flops, 2 * summary.training_flops);
  // Operations are timed inside the step.
  const double inside =
      sum(bench, &OperationCost::forward) + sum(bench, &OperationCost::backward) + bench.update;
  EXPECT_GT(inside, 0);
  EXPECT_LE(inside, bench.step.max);
  EXPECT_GT(bench.peak_bytes, bench.planned_bytes);
}

TEST(NetworkBench, TakesInputThatMustBeBroughtIntoBlocksFirst) {
  NetworkBenchOptions options = small();
  options.spec = {"blocked",
                  {16, 12, 12},
                  {{"conv", Conv{.filters = 16, .kernel = 3, .padding = {Padding::Mode::kSame, 0}}},
                   {"flatten", Flatten{}},
                   {"fc", Dense{.units = 5}},
                   {"prob", Softmax{}}}};
  const NetworkBench bench = bench_network(options);
  EXPECT_EQ(bench.operations.front().layers, "input");
  EXPECT_EQ(bench.operations.front().forward_flops, 0);
  EXPECT_DOUBLE_EQ(sum(bench, &OperationCost::forward_flops), 2 * summarize(options.spec).forward_flops);
}

TEST(NetworkBench, InferenceHasNoBackward) {
  NetworkBenchOptions options = small();
  options.training = false;
  options.precision = "int8";
  const NetworkBench bench = bench_network(options);
  EXPECT_EQ(sum(bench, &OperationCost::backward), 0);
  for (const OperationCost& cost : bench.operations) EXPECT_GT(cost.forward_bytes, 0) << cost.layers;
  EXPECT_EQ(bench.update, 0);
  options.precision = "int4";
  EXPECT_THROW(bench_network(options), UsageError);
}

/// Bytes that the forward pass of a fully connected layer moves, as bench_network() says.
double bytes_of(const std::string& layers, NetworkBenchOptions options, int batch, const char* precision) {
  options.training = false;
  options.batch = batch;
  options.precision = precision;
  for (const OperationCost& cost : bench_network(options).operations)
    if (cost.layers == layers) return cost.forward_bytes;
  return 0;
}

TEST(NetworkBench, CountsWeightsInTheBytesTheyAreReadIn) {
  NetworkBenchOptions options = small();
  constexpr int kIn = 48, kUnits = 24;
  options.spec = {
      "dense", {kIn, 1, 1}, {{"flatten", Flatten{}}, {"fc", Dense{.units = kUnits}}, {"prob", Softmax{}}}};
  const auto moved = [](int batch, double kernel) {  // with float32 biases and activations
    return kernel + 4.0 * (kUnits + batch * (kIn + kUnits));
  };
  constexpr double kKernel = kIn * kUnits;
  const bool tiles = find_engine(kCpu).offer().bf16_in_any_batch;
  for (const int few : {1, find_engine(kCpu).offer().max_rounded_batch}) {
    EXPECT_EQ(bytes_of("fc", options, few, "f32"), moved(few, 4 * kKernel));
    EXPECT_EQ(bytes_of("fc", options, few, "bf16"), moved(few, 2 * kKernel));
    EXPECT_EQ(bytes_of("fc", options, few, "int8"), moved(few, kKernel + 4 * kUnits));
  }
  // Many images: weights are rounded for tiles alone.
  for (const char* precision : {"bf16", "int8"})
    EXPECT_EQ(bytes_of("fc", options, 32, precision), moved(32, (tiles ? 2 : 4) * kKernel)) << precision;
}

TEST(NetworkBench, TellsItsOwnPeakOfMemory) {
  const NetworkBench first = bench_network(small());
  if (!first.peak_is_own) GTEST_SKIP() << "the system does not forget peaks";
  EXPECT_GT(first.peak_bytes, std::int64_t{1} << 20);
  constexpr std::int64_t kBytes = std::int64_t{256} << 20;
  {
    Slab large(kBytes / sizeof(float));
    std::ranges::fill(large.span(), 1.0F);
  }
  EXPECT_LT(bench_network(small()).peak_bytes, first.peak_bytes + kBytes / 2);
}

TEST(NetworkBench, MeasuresTrainingInWhatItSays) {
  NetworkBenchOptions options = small();
  const auto refusal = [&](const char* engine, const char* precision, bool training) {
    options.engine = engine;
    options.precision = precision;
    options.training = training;
    return error_text<UsageError>([&] { bench_network(options); });
  };
  EXPECT_EQ(refusal(kCpu, "int8", true),
            "precision int8: weights in 8 bits are for inference alone; ask for f32");
  EXPECT_EQ(refusal(kReference, "bf16", false),
            "precision bf16: the reference engine computes in float32 alone; ask for f32");
  EXPECT_EQ(refusal(kCpu, "bf16", true),
            find_engine(kCpu).offer().bf16_in_any_batch
                ? "no error"
                : "precision bf16: this processor has no matrix tiles (AMX), without which training in bf16 "
                  "is no faster; ask for f32");
}

TEST(Machine, HasLimits) {
  const MachineLimits machine = measure_machine();
  EXPECT_GE(machine.threads, 1);
  EXPECT_GT(machine.float32, 1e9);
  EXPECT_GT(machine.memory, 1e8);
  // Tiles are for it; vectors are not faster with it everywhere: a Xeon's make half as many products.
  if (machine.instructions.find("no bf16") == std::string::npos)
    EXPECT_GT(machine.bf16, machine.tiles ? machine.float32 : 1e9);
  else
    EXPECT_EQ(machine.bf16, 0);
}

/// Images of one colour; counts how often they are read.
class Counted final : public ImageSource {
 public:
  std::size_t size() const override { return 24; }
  int label(std::size_t i) const override { return static_cast<int>(i % 2); }
  std::string name(std::size_t i) const override { return std::to_string(i); }
  Image load(std::size_t /*i*/, int channels) const override {
    ++loads;
    return {40, 30, channels, std::vector<std::uint8_t>(static_cast<std::size_t>(40 * 30 * channels), 7)};
  }
  mutable std::atomic<int> loads = 0;
};

TEST(Machine, IsNamedWithoutMeasuring) {
  const MachineLimits named = name_machine(), measured = measure_machine();
  EXPECT_FALSE(named.processor.empty());
  EXPECT_EQ(named.processor, measured.processor);
  EXPECT_EQ(named.threads, measured.threads);
  EXPECT_EQ(named.instructions, measured.instructions);
  EXPECT_EQ(named.tiles, measured.tiles);
  EXPECT_EQ(named.memory, 0);
}

TEST(LoaderBench, ReadsEveryImageOnceAndThenFromTheCache) {
  const auto source = std::make_shared<Counted>();
  LoaderBenchOptions options;
  options.resize = 24;
  options.crop = 20;
  options.batch = 8;
  const LoaderBench bench = bench_loader(source, options);
  EXPECT_EQ(bench.images, 24);
  EXPECT_EQ(source->loads, 24);
  EXPECT_GT(bench.first, 0);
  EXPECT_GT(bench.cached, 0);
}

TEST(LayerBench, MeasuresInEachCallWhatThatCallAsksFor) {
  const NetworkSpec spec{
      "two",
      {1, 64, 64},
      {{"flatten", Flatten{}}, {"one", Dense{.units = 2000}}, {"other", Dense{.units = 2000}}}};
  const auto output = [&](const std::string& filter) {
    testing::internal::CaptureStdout();
    bench_layers(spec, 2, {.filter = filter, .machine = [] { return std::map<std::string, std::string>(); }});
    return testing::internal::GetCapturedStdout();
  };
  EXPECT_THAT(output("one/forward"), AllOf(HasSubstr("one/forward"), Not(HasSubstr("other"))));
  EXPECT_THAT(output("other/forward"), AllOf(HasSubstr("other/forward"), Not(HasSubstr("one/"))));
}

}  // namespace
}  // namespace alexnet
