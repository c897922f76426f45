// What the contract promises of every engine beside numbers.
#include "engine/compiled_network.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "alexnet/error.h"
#include "tensor/slab.h"
#include "tests/every_engine.h"

namespace alexnet {
namespace {

using testing::HasSubstr;

NetworkSpec small_network() {
  return {"small",
          {3, 9, 8},
          {{"conv", Conv{.filters = 20, .kernel = 3, .padding = {Padding::Mode::kSame, 0}}},
           {"relu", Activation{}},
           {"bn", BatchNorm{}},
           {"pool", Pool{}},
           {"flatten", Flatten{}},
           {"fc", Dense{.units = 7}},
           {"prob", Softmax{}}}};
}

template <class Exception, class Body>
std::string message_of(Body&& body) {
  try {
    body();
  } catch (const Exception& error) {
    return error.what();
  }
  ADD_FAILURE() << "nothing thrown";
  return {};
}

class EveryEngine : public testing::TestWithParam<std::string> {
 protected:
  std::unique_ptr<CompiledNetwork> make(const CompileOptions& options) const {
    auto network = compile(GetParam(), small_network(), options);
    network->load(initial_weights(small_network(), 3));
    std::ranges::generate(network->input(), [i = 0]() mutable { return std::sin(static_cast<float>(i++)); });
    return network;
  }
  static CompileOptions training(int batch = 4) { return {.batch = batch, .training = true}; }
  static std::vector<float> copy(std::span<const float> values) { return {values.begin(), values.end()}; }
};

TEST_P(EveryEngine, SlabsAreAlignedAndPaddedWithZeros) {
  const auto network = make(training());
  std::size_t end = 0;
  std::vector<std::string> names;
  for (const SlabEntry& entry : network->parameter_layout()) {
    EXPECT_EQ(entry.offset % kSlabAlignment, 0U) << entry.info.name;
    EXPECT_GE(entry.offset, end) << entry.info.name;
    EXPECT_GE(entry.count, static_cast<std::size_t>(element_count(entry.info.shape))) << entry.info.name;
    end = entry.offset + entry.count;
    names.push_back(entry.info.name);
  }
  EXPECT_LE(end, network->slab_size(SlabId::kParameters));
  EXPECT_EQ(network->slab_size(SlabId::kGradients), network->slab_size(SlabId::kParameters));
  EXPECT_EQ(names, std::vector<std::string>(
                       {"conv.weight", "conv.bias", "bn.weight", "bn.bias", "fc.weight", "fc.bias"}));
  // What is not a weight is zero, so that sums over the slab are sums over the weights.
  double slab = 0, weights = 0;
  for (const float value : whole(*network, SlabId::kParameters)) slab += std::abs(value);
  for (const auto& [name, view] : initial_weights(small_network(), 3))
    if (!name.starts_with("bn.running"))
      for (const float value : view.values) weights += std::abs(value);
  EXPECT_DOUBLE_EQ(slab, weights);
}

TEST_P(EveryEngine, SaveGivesBackWhatWasLoaded) {
  const NamedTensors weights = initial_weights(small_network(), 3);
  const NamedTensors saved = make(training())->save();
  ASSERT_EQ(saved.size(), weights.size());
  for (const auto& [name, view] : weights) {
    EXPECT_EQ(saved.at(name).shape, view.shape) << name;
    EXPECT_TRUE(std::ranges::equal(saved.at(name).values, view.values)) << name;
  }
}

TEST_P(EveryEngine, LoadNamesTheTensorThatIsMissingOrMisshapen) {
  const auto network = make(training());
  NamedTensors weights = initial_weights(small_network(), 3);
  weights["fc.weight"] = TensorView::own(Tensor({7, 5}));
  EXPECT_THAT(message_of<DataError>([&] { network->load(weights); }), HasSubstr("fc.weight"));
  weights = initial_weights(small_network(), 3);
  weights.erase("bn.running_var");
  for (auto& [name, view] : weights) view = TensorView::own(Tensor(view.shape));
  EXPECT_THAT(message_of<DataError>([&] { network->load(weights); }), HasSubstr("bn.running_var"));
  // Nothing of it was taken.
  EXPECT_TRUE(std::ranges::equal(network->save().at("fc.weight").values,
                                 initial_weights(small_network(), 3).at("fc.weight").values));
}

TEST_P(EveryEngine, CompileRefusesWhatCannotBe) {
  CompileOptions options = training();
  options.outputs = {"conv9"};
  EXPECT_THAT(message_of<UsageError>([&] { make(options); }), HasSubstr("conv9"));
  EXPECT_THROW(make(training(0)), UsageError);
  EXPECT_THROW(compile(GetParam(), NetworkSpec{"empty", {3, 4, 4}, {}}, {}), UsageError);
  NetworkSpec too_small = small_network();
  too_small.input = {3, 2, 2};
  EXPECT_THROW(compile(GetParam(), too_small, {}), UsageError);
  EXPECT_THROW(compile(GetParam(), build(227, 227, 3, 1000), training(1'000'000)), DeviceError);
}

TEST_P(EveryEngine, OutputsMustBeAskedFor) {
  CompileOptions options = training();
  options.outputs = {"bn"};
  const auto network = make(options);
  network->forward({});
  std::vector<float> bn(4 * 20 * 9 * 8);
  network->read_output("bn", bn);
  EXPECT_TRUE(std::ranges::any_of(bn, [](float value) { return value != 0.0F; }));
  EXPECT_THAT(message_of<UsageError>([&] { network->read_output("relu", bn); }), HasSubstr("relu"));
  EXPECT_THROW(network->read_output("nothing", bn), UsageError);
  std::vector<float> probabilities(4 * 7);
  network->read_output("prob", probabilities);
  EXPECT_EQ(probabilities, copy(network->output()));
}

TEST_P(EveryEngine, RowsOfAnInferencePassAreIndependent) {
  const auto network = make({.batch = 3});
  network->forward({});
  const std::vector<float> before = copy(network->output());
  const std::size_t row = network->input().size() / 3;
  std::ranges::fill(network->input().last(row), std::numeric_limits<float>::quiet_NaN());
  network->forward({});
  const std::vector<float> after = copy(network->output());
  EXPECT_TRUE(std::equal(before.begin(), before.end() - 7, after.begin()));
  for (std::size_t n = 0; n < 2; ++n) {
    double sum = 0;
    for (std::size_t c = 0; c < 7; ++c) sum += after[n * 7 + c];
    EXPECT_NEAR(sum, 1.0, 1e-6);
  }
}

TEST_P(EveryEngine, BackwardOverwritesGradients) {
  const auto network = make(training());
  std::vector<float> first;
  for (int turn = 0; turn < 2; ++turn) {
    network->forward({Pass::kTraining});
    set_logits_gradient(*network, 0.5F);
    network->backward();
    if (turn == 0) first = copy(whole(*network, SlabId::kGradients));
  }
  EXPECT_EQ(copy(whole(*network, SlabId::kGradients)), first);
  EXPECT_TRUE(std::ranges::any_of(first, [](float value) { return value != 0.0F; }));
}

TEST_P(EveryEngine, FrozenMustSpeakOfEveryLayer) {
  CompileOptions options = training();
  options.frozen = {true};
  EXPECT_THAT(message_of<UsageError>([&] { make(options); }), HasSubstr("frozen"));
}

TEST_P(EveryEngine, WithNothingToLearnBackwardDoesNothing) {
  CompileOptions options = training();
  const auto layers = make(options)->spec().layers.size();
  options.frozen = std::vector<bool>(layers, true);
  const auto network = make(options);
  network->forward({.pass = Pass::kTraining});
  set_logits_gradient(*network, 0.5F);
  network->backward();
  EXPECT_TRUE(
      std::ranges::all_of(whole(*network, SlabId::kGradients), [](float value) { return value == 0.0F; }));
}

TEST_P(EveryEngine, FrozenLayersComputeAsInInference) {
  NetworkSpec spec = small_network();
  spec.layers.insert(spec.layers.begin() + 4, {"drop", Dropout{0.5F}});
  CompileOptions options = training();
  options.frozen = std::vector<bool>(spec.layers.size(), false);
  options.frozen[2] = options.frozen[4] = true;
  const auto network = compile(GetParam(), spec, options);
  network->load(initial_weights(spec, 3));
  for (const SlabEntry& entry : network->statistics_layout())
    network->write(SlabId::kStatistics, entry, std::vector<float>(20, 0.25F));
  std::ranges::generate(network->input(), [i = 0]() mutable { return std::sin(static_cast<float>(i++)); });
  const auto statistics = copy(whole(*network, SlabId::kStatistics));

  const auto run = [&](const PassOptions& pass) {
    network->forward(pass);
    std::vector<float> gradient(network->logits().size());
    std::ranges::generate(gradient, [i = 0]() mutable { return static_cast<float>(i++ % 7 - 3); });
    network->set_logits_gradient(gradient);
    network->backward();
    std::vector<std::vector<float>> results = {copy(network->logits())};
    for (const SlabEntry& entry : network->parameter_layout())
      if (network->learns(entry.info.layer))
        results.push_back(copy(network->download(SlabId::kGradients, entry.offset, entry.count)));
    return results;
  };
  const auto inference = run({});
  EXPECT_THAT(inference, testing::SizeIs(5));
  network->begin_statistics();
  EXPECT_EQ(run({.pass = Pass::kTraining, .seed = 1, .step = 2}), inference);
  EXPECT_EQ(run({.pass = Pass::kStatistics}), inference);
  network->finish_statistics();
  EXPECT_EQ(copy(whole(*network, SlabId::kStatistics)), statistics);
}

TEST_P(EveryEngine, TheInputsGradientMustBeAskedFor) {
  std::vector<float> gradient(4 * 3 * 9 * 8);
  for (const CompileOptions& options : {training(), CompileOptions{.batch = 4, .input_gradient = true}}) {
    const auto network = make(options);
    network->forward({});
    EXPECT_THAT(message_of<UsageError>([&] { network->read_input_gradient(gradient); }),
                HasSubstr("input gradient"));
  }
}

TEST_P(EveryEngine, TheInputsGradientNeedsNoOthers) {
  std::vector<float> gradients[2];
  for (const bool all : {false, true}) {
    CompileOptions options = training();
    options.input_gradient = true;
    options.parameter_gradients = all;
    const auto network = make(options);
    EXPECT_EQ(network->slab_size(SlabId::kGradients) == 0, !all);
    network->forward({.pass = Pass::kTraining});
    set_logits_gradient(*network, 0.5F);
    network->backward();
    gradients[all].resize(network->input().size());
    network->read_input_gradient(gradients[all]);
  }
  EXPECT_EQ(gradients[0], gradients[1]);
  EXPECT_TRUE(std::ranges::any_of(gradients[0], [](float value) { return value != 0.0F; }));
}

TEST_P(EveryEngine, RowsOfAnInferencePassHaveIndependentGradients) {
  CompileOptions options = training(3);
  options.input_gradient = true;
  const auto network = make(options);
  const std::size_t row = network->input().size() / 3;
  std::vector<float> before(3 * row), after(3 * row);
  for (std::vector<float>* gradient : {&before, &after}) {
    network->forward({});
    set_logits_gradient(*network, 0.5F);
    network->backward();
    network->read_input_gradient(*gradient);
    std::ranges::fill(network->input().last(row), 7.0F);
  }
  EXPECT_TRUE(std::equal(before.begin(), before.end() - static_cast<std::ptrdiff_t>(row), after.begin()));
  EXPECT_NE(before, after);
}

TEST_P(EveryEngine, ParametersWrittenFromOutsideCount) {
  const auto network = make(training());
  network->forward({});
  const std::vector<float> before = copy(network->logits());
  for (const SlabEntry& entry : network->parameter_layout()) {
    std::vector<float> values(static_cast<std::size_t>(element_count(entry.info.shape)));
    network->read(SlabId::kParameters, entry, values);
    if (entry.info.layer == 5)  // fc
      for (float& value : values) value *= 2;
    network->write(SlabId::kParameters, entry, values);
  }
  network->forward({});
  for (std::size_t i = 0; i < before.size(); ++i) EXPECT_FLOAT_EQ(network->logits()[i], 2 * before[i]);
}

TEST_P(EveryEngine, StatisticsPassesMoveNothingUntilFinished) {
  const auto network = make(training());
  const std::vector<float> before = copy(whole(*network, SlabId::kStatistics));
  network->begin_statistics();
  network->forward({Pass::kStatistics});
  EXPECT_EQ(copy(whole(*network, SlabId::kStatistics)), before);
  network->finish_statistics();
  EXPECT_NE(copy(whole(*network, SlabId::kStatistics)), before);
}

TEST_P(EveryEngine, MeasuredStatisticsAreThoseOfAllImagesTogether) {
  // Two batches of four measured one after the other, and the same eight as one batch.
  const auto measured = [&](int batch, int batches) {
    const NetworkSpec spec{"", {3, 5, 4}, {{"bn", BatchNorm{}}, {"flatten", Flatten{}}}};
    const auto network = compile(GetParam(), spec, training(batch));
    network->load(initial_weights(spec, 1));
    int i = 0;
    network->begin_statistics();
    for (int turn = 0; turn < batches; ++turn) {
      std::ranges::generate(network->input(), [&] {
        ++i;
        const int whole = turn / batches + i / 240;
        return static_cast<float>(whole) + std::sin(static_cast<float>(i * i));
      });
      network->forward({Pass::kStatistics});
    }
    network->finish_statistics();
    return network->save();
  };
  const NamedTensors parts = measured(4, 2), whole = measured(8, 1);
  for (const char* name : {"bn.running_mean", "bn.running_var"})
    for (std::size_t c = 0; c < 3; ++c)
      EXPECT_NEAR(parts.at(name).values[c], whole.at(name).values[c], 2e-6) << name;
}

TEST_P(EveryEngine, TimesEveryLayer) {
  const auto network = make(training());
  const auto seconds = [&](double OperationTime::*pass) {
    double sum = 0;
    for (const OperationTime& time : network->operation_times()) sum += time.*pass;
    return sum;
  };
  EXPECT_EQ(seconds(&OperationTime::forward), 0);
  network->forward({Pass::kTraining});
  const double forward = seconds(&OperationTime::forward);
  EXPECT_GT(forward, 0);
  EXPECT_EQ(seconds(&OperationTime::backward), 0);
  network->backward();
  EXPECT_EQ(seconds(&OperationTime::forward), forward);
  EXPECT_GT(seconds(&OperationTime::backward), 0);
  // One after the other; a trailing softmax may have no operation.
  std::size_t layer = 0;
  for (const OperationTime& time : network->operation_times()) {
    EXPECT_FALSE(time.name.empty());
    EXPECT_EQ(time.first_layer, layer);
    EXPECT_GE(time.last_layer, layer);
    layer = time.last_layer;
  }
  EXPECT_GE(layer, network->spec().layers.size() - 1);
}

INSTANTIATE_TEST_SUITE_P(Engines, EveryEngine, testing::ValuesIn(available_engines()),
                         [](const auto& parameter) { return parameter.param; });

}  // namespace
}  // namespace alexnet
