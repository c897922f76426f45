// No result depends on how many threads compute it.
#include <gtest/gtest.h>

#include <cmath>
#include <ostream>
#include <string>
#include <vector>

#include "base/parallel.h"
#include "tests/every_engine.h"

namespace alexnet {
namespace {

struct Case {
  std::string engine;
  Convolution convolution;
  Precision precision;
};

std::string name_of(const Case& c) {
  return c.engine + (c.convolution == Convolution::kDirect ? "_direct_" : "_auto_") +
         std::string(to_string(c.precision));
}

std::vector<Case> cases() {
  std::vector<Case> all;
  for (const std::string& engine : compared_engines())
    for (const Convolution convolution : {Convolution::kAuto, Convolution::kDirect})
      for (const Precision precision : {Precision::kFloat32, Precision::kBf16})
        if (find_engine(engine).why_not(precision, true).empty())
          all.push_back({engine, convolution, precision});
  return all;
}

class Threads : public testing::TestWithParam<Case> {
 protected:
  ~Threads() override { set_thread_count(processor_count()); }

  /// A batch that no number of threads divides, of images that take several parts.
  static constexpr int kBatch = 23;

  static CompileOptions options(bool training, int batch) {
    CompileOptions options{.batch = batch,
                           .training = training,
                           .convolution = GetParam().convolution,
                           .precision = GetParam().precision};
    if (training) options.update = UpdateRule{};
    return options;
  }
  /// With all that is computed by `threads`, compiled by them too.
  static std::unique_ptr<CompiledNetwork> make(int threads, bool training, int batch) {
    set_thread_count(threads);
    const NetworkSpec spec = build(67, 67, 3, 10);
    auto network = compile(GetParam().engine, spec, options(training, batch));
    network->load(initial_weights(spec, 3));
    float value = 0;
    for (float& pixel : network->input()) pixel = std::sin(value += 0.37F);
    return network;
  }
};

TEST_P(Threads, DoNotChangeATrainingStep) {
  std::vector<int> labels(kBatch);
  for (int i = 0; i < kBatch; ++i) labels[static_cast<std::size_t>(i)] = i % 10;
  const auto weights_after = [&](int threads) {
    const auto network = make(threads, true, kBatch);
    network->forward({Pass::kTraining, 1, 2});
    network->loss({.labels = labels}, {});
    network->backward();
    network->update(0.01, 1);
    const auto weights = whole(*network, SlabId::kParameters);
    return std::vector<float>(weights.begin(), weights.end());
  };
  const std::vector<float> one = weights_after(1);
  for (const int threads : {2, 5}) EXPECT_TRUE(weights_after(threads) == one) << threads << " threads";
}

// Of a few images, threads share the channels.
TEST_P(Threads, DoNotChangeInference) {
  for (const int batch : {1, 3, kBatch}) {
    const auto logits = [&](int threads) {
      const auto network = make(threads, false, batch);
      network->forward({Pass::kInference, 0, 0});
      const auto values = network->logits();
      return std::vector<float>(values.begin(), values.end());
    };
    const std::vector<float> one = logits(1);
    for (const int threads : {2, 5})
      EXPECT_TRUE(logits(threads) == one) << threads << " threads, batch " << batch;
  }
}

void PrintTo(const Case& c, std::ostream* out) { *out << name_of(c); }

INSTANTIATE_TEST_SUITE_P(Engines, Threads, testing::ValuesIn(cases()),
                         [](const auto& tested) { return name_of(tested.param); });

}  // namespace
}  // namespace alexnet
