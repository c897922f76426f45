// No memory is asked for in a step of training, from the batch to the changed weights, or in an inference
// pass.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "alexnet/presets.h"
#include "tensor/slab.h"
#include "tests/every_engine.h"
#include "tests/train/allocations.h"
#include "train/step/mixup.h"

namespace alexnet {
namespace {

constexpr int kClasses = 10;

/// The article's layers, an LRN among them, small enough for plain loops.
NetworkSpec small_network() {
  constexpr Padding kSame{Padding::Mode::kSame, 0};
  constexpr Activation kRelu{};
  return {"small",
          {3, 19, 17},
          {{"conv1", Conv{.filters = 20, .kernel = 5, .stride = 2, .padding = kSame}},
           {"relu1", kRelu},
           {"bn1", BatchNorm{}},
           {"pool1", Pool{}},
           {"drop1", Dropout{0.25F}},
           {"conv2", Conv{.filters = 16, .kernel = 3, .padding = kSame}},
           {"relu2", kRelu},
           {"lrn2", Lrn{}},
           {"flatten", Flatten{}},
           {"fc3", Dense{.units = 33}},
           {"relu3", kRelu},
           {"bn3", BatchNorm{}},
           {"drop3", Dropout{0.5F}},
           {"fc4", Dense{.units = kClasses}},
           {"prob", Softmax{}}}};
}

/// A preset with all of its convolutions, for images just large enough that Winograd's algorithm is used,
/// and with a few of its hidden units.
NetworkSpec small_preset(const std::string& name) {
  constexpr int kSide = 131, kUnits = 301;
  NetworkSpec spec = find_preset(name).build(kSide, kSide, 3, kClasses, 5e-4);
  for (Layer& layer : spec.layers)
    if (auto* dense = std::get_if<Dense>(&layer.kind)) dense->units = std::min(dense->units, kUnits);
  return spec;
}

/// Its layers up to the one that makes vectors of images.
NetworkSpec without_dense_layers(NetworkSpec spec) {
  spec.layers.resize(layer_index(spec, "flatten") + 1);
  return spec;
}

struct Allocation : testing::TestWithParam<std::tuple<std::string, std::string, Convolution, Precision>> {
  void SetUp() override {
    if (!kCountsAllocations) GTEST_SKIP() << "memory is a sanitizer's";
  }
  static NetworkSpec spec() {
    const auto& name = std::get<0>(GetParam());
    return name == "small" ? small_network() : small_preset(name);
  }
  static std::unique_ptr<CompiledNetwork> compiled(
      const NetworkSpec& spec, int batch, bool training,
      UpdateRule::Optimizer optimizer = UpdateRule::Optimizer::kSgd) {
    const auto& [name, engine, convolution, precision] = GetParam();
    CompileOptions options{
        .batch = batch, .training = training, .convolution = convolution, .precision = precision};
    if (training)
      options.update = UpdateRule{
          .optimizer = optimizer, .weight_decay = 5e-4, .bias_lr = 2, .clip = 0.1, .average = 0.99};
    auto network = compile(engine, spec, options);
    network->load(initial_weights(spec, 1));
    return network;
  }
};

std::string name_of(const testing::TestParamInfo<Allocation::ParamType>& info) {
  const auto& [name, engine, convolution, precision] = info.param;
  return name + "_" + engine + (convolution == Convolution::kDirect ? "_direct_" : "_auto_") +
         std::string(to_string(precision));
}

struct Calls {
  std::int64_t ours, work_spaces;
};

/// Of three steps or passes, after two in which all is made that is made at first use.
template <class Step>
Calls calls_of(const Step& step) {
  std::uint32_t number = 0;
  while (number < 2) step(number++);
  const AllocationCount count;
  while (number < 5) step(number++);
  return {count.calls(), count.work_spaces()};
}

Calls calls_of_training(CompiledNetwork& network) {
  const auto batch = static_cast<std::size_t>(network.batch());
  const std::vector<float> images(network.input().size(), 0.5F),
      class_weights(network.logits().size() / batch, 1.5F);
  const std::vector<int> labels(batch, 3);
  const std::vector<std::int64_t> indices(batch, 0);
  Mixup mixup(0.2, 1, network.batch());
  return calls_of([&](std::uint32_t step) {
    const Targets targets = mixup.put_in({images, labels, indices}, step, network.input());
    network.forward({Pass::kTraining, 1, step});
    network.loss(targets, {0.1F, class_weights});
    network.backward([](std::size_t) {});
    network.update(1e-3, step + 1);
  });
}

Calls calls_of_inference(CompiledNetwork& network) {
  std::ranges::fill(network.input(), 0.5F);
  return calls_of([&](std::uint32_t) {
    network.forward({});
    network.output();
  });
}

class TrainingAllocation : public Allocation {
  void SetUp() override {
    Allocation::SetUp();
    const auto& [name, engine, convolution, precision] = GetParam();
    if (const std::string why = find_engine(engine).why_not(precision, true); !why.empty())
      GTEST_SKIP() << why;
  }
};

TEST_P(TrainingAllocation, StepsAfterTheFirstAskForNoMemory) {
  for (const auto optimizer : {UpdateRule::Optimizer::kSgd, UpdateRule::Optimizer::kAdamW})
    EXPECT_EQ(calls_of_training(*compiled(spec(), 4, /*training=*/true, optimizer)).ours, 0);
}

// oneDNN's sgemm, which dense layers use, packs its matrices into memory that it takes for each call. Its
// convolutions have their work space from us.
TEST_P(TrainingAllocation, ConvolutionsHaveTheirWorkSpacePlanned) {
  const Calls calls = calls_of_training(*compiled(without_dense_layers(spec()), 4, /*training=*/true));
  EXPECT_EQ(calls.ours, 0);
  EXPECT_EQ(calls.work_spaces, 0);
}

INSTANTIATE_TEST_SUITE_P(Engines, TrainingAllocation,
                         testing::Combine(testing::Values("small"), testing::ValuesIn(available_engines()),
                                          testing::Values(Convolution::kAuto),
                                          testing::Values(Precision::kFloat32)),
                         name_of);
INSTANTIATE_TEST_SUITE_P(Networks, TrainingAllocation,
                         testing::Combine(testing::Values("article", "caffe"), testing::Values(kCpu),
                                          testing::Values(Convolution::kAuto, Convolution::kDirect),
                                          testing::Values(Precision::kFloat32, Precision::kBf16)),
                         name_of);

class InferenceAllocation : public Allocation {};

TEST_P(InferenceAllocation, PassesAfterTheFirstAskForNoMemory) {
  for (const int batch : {3, find_engine(kCpu).offer().max_rounded_batch +
                                 1}) {  // with rounded weights in dense layers, and without
    SCOPED_TRACE(batch);
    EXPECT_EQ(calls_of_inference(*compiled(spec(), batch, /*training=*/false)).ours, 0);
  }
}

TEST_P(InferenceAllocation, ConvolutionsHaveTheirWorkSpacePlanned) {
  const Calls calls = calls_of_inference(*compiled(without_dense_layers(spec()), 3, /*training=*/false));
  EXPECT_EQ(calls.ours, 0);
  EXPECT_EQ(calls.work_spaces, 0);
}

INSTANTIATE_TEST_SUITE_P(Engines, InferenceAllocation,
                         testing::Combine(testing::Values("small"), testing::ValuesIn(available_engines()),
                                          testing::Values(Convolution::kAuto),
                                          testing::Values(Precision::kFloat32)),
                         name_of);
INSTANTIATE_TEST_SUITE_P(Networks, InferenceAllocation,
                         testing::Combine(testing::Values("article", "caffe"), testing::Values(kCpu),
                                          testing::Values(Convolution::kAuto, Convolution::kDirect),
                                          testing::Values(Precision::kFloat32, Precision::kBf16,
                                                          Precision::kInt8)),
                         name_of);

// A count that sees nothing proves nothing.
TEST(AllocationCountTest, SeesEveryWayOfAskingForMemory) {
  if (!kCountsAllocations) GTEST_SKIP() << "memory is a sanitizer's";
  const auto calls = [](auto&& ask) {
    const AllocationCount count;
    ask();
    return count.calls();
  };
  // Through a volatile pointer, or compilers leave out what nobody uses.
  void* volatile memory = nullptr;
  EXPECT_EQ(calls([] {}), 0);
  EXPECT_EQ(calls([&] { memory = ::operator new(10); }), 1);
  ::operator delete(memory);
  EXPECT_EQ(calls([&] { memory = std::malloc(10); }), 1);
  EXPECT_EQ(calls([&] { memory = std::realloc(memory, 1000); }), 1);
  std::free(memory);
  EXPECT_EQ(calls([&] { memory = std::calloc(10, 10); }), 1);
  std::free(memory);
  EXPECT_EQ(calls([&] { memory = std::aligned_alloc(64, 128); }), 1);
  std::free(memory);
  void* aligned = nullptr;
  EXPECT_EQ(calls([&] { EXPECT_EQ(posix_memalign(&aligned, 64, 10), 0); }), 1);
  std::free(aligned);
  EXPECT_EQ(calls([] { const Slab slab(1000); }), 1);
}

}  // namespace
}  // namespace alexnet
