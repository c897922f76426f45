// What the contract promises of training, whatever memory an engine's slabs lie in.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "alexnet/error.h"
#include "engine/loss.h"
#include "tests/error_text.h"
#include "tests/every_engine.h"

namespace alexnet {
namespace {

NetworkSpec small_network() {
  return {"small",
          {3, 9, 8},
          {{"conv", Conv{.filters = 20, .kernel = 3, .padding = {Padding::Mode::kSame, 0}}},
           {"relu", Activation{}},
           {"bn", BatchNorm{}},
           {"pool", Pool{}},
           {"drop", Dropout{0.5F}},
           {"flatten", Flatten{}},
           {"fc1", Dense{.units = 12}},
           {"relu1", Activation{}},
           {"drop1", Dropout{0.25F}},
           {"fc2", Dense{.units = 7}},
           {"prob", Softmax{}}}};
}

const std::vector<int> kLabels{3, 0, 6, 3};

class Learning : public testing::TestWithParam<std::string> {
 protected:
  static CompileOptions training(const UpdateRule& rule) {
    return {.batch = 4, .training = true, .update = rule};
  }
  std::unique_ptr<CompiledNetwork> make(const CompileOptions& options) const {
    auto network = compile(GetParam(), small_network(), options);
    network->load(initial_weights(small_network(), 3));
    std::ranges::generate(network->input(), [i = 0]() mutable { return std::sin(static_cast<float>(i++)); });
    return network;
  }
  static LossResult pass(CompiledNetwork& network, const GradientsReady& ready = {}) {
    network.forward({Pass::kTraining, 1, 2});
    const LossResult loss = network.loss({.labels = kLabels}, {});
    network.backward(ready);
    return loss;
  }
  static std::vector<float> copy(std::span<const float> values) { return {values.begin(), values.end()}; }
};

TEST_P(Learning, NamesWhatTheUpdateKeeps) {
  UpdateRule rule;
  EXPECT_THAT(make(training(rule))->kept_slabs(), testing::ElementsAre(SlabId::kVelocity));
  rule.optimizer = UpdateRule::Optimizer::kAdamW;
  rule.average = 0.9;
  const auto network = make(training(rule));
  EXPECT_THAT(network->kept_slabs(),
              testing::ElementsAre(SlabId::kFirstMoment, SlabId::kSecondMoment, SlabId::kAverage));
  for (const SlabId slab : network->kept_slabs())
    EXPECT_EQ(network->slab_size(slab), network->slab_size(SlabId::kParameters)) << to_string(slab);
  EXPECT_EQ(network->slab_size(SlabId::kVelocity), 0U);
}

TEST_P(Learning, DownloadsWhatWasUploaded) {
  const auto network = make(training({.average = 0.9}));
  for (const SlabId slab :
       {SlabId::kParameters, SlabId::kGradients, SlabId::kStatistics, SlabId::kVelocity, SlabId::kAverage}) {
    const std::vector<float> values = {1, 2, 3}, before = copy(network->download(slab, 16, 16));
    network->upload(slab, 18, values);
    std::vector<float> expected = before;
    std::ranges::copy(values, expected.begin() + 2);
    EXPECT_EQ(copy(network->download(slab, 16, 16)), expected) << to_string(slab);
  }
}

TEST_P(Learning, ReadsWhatWasWritten) {
  const auto network = make(training({}));
  for (const SlabEntry& entry : network->parameter_layout())
    for (const SlabId slab : {SlabId::kGradients, SlabId::kVelocity}) {
      std::vector<float> values(static_cast<std::size_t>(element_count(entry.info.shape)));
      for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i + 1);
      std::vector<float> read(values.size());
      network->write(slab, entry, values);
      network->read(slab, entry, read);
      EXPECT_EQ(read, values) << entry.info.name;
    }
}

TEST_P(Learning, FindsWhatIsNotFinite) {
  const auto network = make(training({}));
  for (const SlabId slab : {SlabId::kParameters, SlabId::kStatistics, SlabId::kVelocity}) {
    EXPECT_TRUE(network->all_finite(slab)) << to_string(slab);
    const float infinity = std::numeric_limits<float>::infinity();
    network->upload(slab, 3, std::span(&infinity, 1));
    EXPECT_FALSE(network->all_finite(slab)) << to_string(slab);
  }
}

TEST_P(Learning, LossIsThatOfTheLogits) {
  const auto network = make(training({}));
  const LossResult loss = pass(*network);
  std::vector<float> gradient(network->logits().size());
  const LossResult expected = softmax_cross_entropy(network->logits(), kLabels, {}, gradient);
  EXPECT_NEAR(loss.loss, expected.loss, 1e-6);
  EXPECT_EQ(loss.top1, expected.top1);
  EXPECT_EQ(loss.top5, expected.top5);
  const std::vector<float> of_loss = copy(whole(*network, SlabId::kGradients));
  network->forward({Pass::kTraining, 1, 2});
  network->set_logits_gradient(gradient);
  network->backward();
  const std::vector<float> of_own = copy(whole(*network, SlabId::kGradients));
  for (std::size_t i = 0; i < of_own.size(); ++i) ASSERT_NEAR(of_loss[i], of_own[i], 1e-6) << i;
}

TEST_P(Learning, LossNamesWhatDoesNotFit) {
  const auto network = make(training({}));
  network->forward({Pass::kTraining, 1, 2});
  const std::vector<int> few = {3, 0, 6}, wrong = {3, 0, 7, 3}, negative = {3, -1, 6, 3};
  const std::vector<float> fractions(4, 0.5F), three_fractions(3, 0.5F), six_weights(6, 1.0F);
  const auto error = [&](const Targets& targets, const LossOptions& options = {}) {
    return error_text<UsageError>([&] { network->loss(targets, options); });
  };
  EXPECT_EQ(error({.labels = few}),
            "labels: 3 values are not valid: expected 4, one for each image of the batch");
  EXPECT_EQ(error({.labels = wrong}), "labels: 7 is not valid: expected 0 to 6");
  EXPECT_EQ(error({.labels = negative}), "labels: -1 is not valid: expected 0 to 6");
  EXPECT_EQ(error({.labels = kLabels, .others = few, .fractions = fractions}),
            "other labels: 3 values are not valid: expected 4, one for each image of the batch");
  EXPECT_EQ(error({.labels = kLabels, .others = wrong, .fractions = fractions}),
            "labels: 7 is not valid: expected 0 to 6");
  EXPECT_EQ(error({.labels = kLabels, .others = kLabels, .fractions = three_fractions}),
            "fractions: 3 values are not valid: expected 4, one for each image of the batch");
  EXPECT_EQ(error({.labels = kLabels}, {.class_weights = six_weights}),
            "class weights: 6 values are not valid: expected 7, one for each class");
}

TEST_P(Learning, LogitsGradientsHaveAValueForEachLogit) {
  const auto network = make(training({}));
  network->forward({Pass::kTraining, 1, 2});
  EXPECT_EQ(error_text<UsageError>([&] { network->set_logits_gradient(std::vector<float>(27)); }),
            "logits gradient: 27 values are not valid: expected 28, one value for each logit of the batch");
  const auto inference = make({.batch = 4});
  inference->forward({});
  EXPECT_EQ(error_text<UsageError>([&] { inference->set_logits_gradient(std::vector<float>(28)); }),
            "logits gradient: the network was compiled for inference; set CompileOptions::training");
}

/// Rules that between them use all there is.
std::vector<UpdateRule> rules() {
  const std::size_t layers = small_network().layers.size();
  std::vector<float> rates(layers, 1.0F);
  rates[6] = 0.5F;
  return {
      {.momentum = 0.9},
      {.momentum = 0.5, .weight_decay = 0.1, .bias_lr = 2, .layer_lr = rates, .clip = 0.1, .average = 0.6},
      {.optimizer = UpdateRule::Optimizer::kAdamW, .weight_decay = 0.1, .clip = 0.5, .average = 0.6}};
}

/// Of engines that are not the reference, whose own update is held to PyTorch's (tests/engine/host).
class ComparedLearning : public Learning {};

TEST_P(ComparedLearning, UpdatesAsTheReferenceDoes) {
  NetworkSpec spec = small_network();
  std::get<Dense>(spec.layers[6].kind).l2 = 0.01F;
  for (const UpdateRule& rule : rules()) {
    std::vector<NamedTensors> weights, averages;
    std::vector<double> changes;
    for (const std::string& engine : {GetParam(), std::string(kReference)}) {
      CompileOptions options = training(rule);
      options.frozen = std::vector<bool>(spec.layers.size(), false);
      options.frozen[2] = true;
      const auto network = compile(engine, spec, options);
      network->load(initial_weights(spec, 3));
      double l2_loss = 0;
      for (std::int64_t number = 1; number <= 3; ++number) {
        // Gradients that are the same for all engines.
        for (const SlabEntry& entry : network->parameter_layout()) {
          std::vector<float> gradient(static_cast<std::size_t>(element_count(entry.info.shape)));
          for (std::size_t i = 0; i < gradient.size(); ++i)
            gradient[i] = 0.1F * std::sin(static_cast<float>(i + 100 * entry.info.layer) * 0.3F);
          network->write(SlabId::kGradients, entry, gradient);
        }
        l2_loss = network->update(0.05, number);
      }
      EXPECT_GT(l2_loss, 0);
      changes.push_back(l2_loss);
      for (const SlabEntry& entry : network->parameter_layout())
        changes.push_back(network->squared_change(entry));
      weights.push_back(network->save());
      network->exchange_average();
      averages.push_back(network->save());
      network->exchange_average();
      EXPECT_EQ(network->save().at("fc1.weight").values[5], weights.back().at("fc1.weight").values[5]);
    }
    const auto expect_near = [](const std::vector<NamedTensors>& pair) {
      for (const auto& [name, tensor] : pair[0])
        for (std::size_t i = 0; i < tensor.values.size(); ++i)
          ASSERT_NEAR(tensor.values[i], pair[1].at(name).values[i], 1e-6) << name << '[' << i << ']';
    };
    expect_near(weights);
    expect_near(averages);
    for (std::size_t i = 0; i < changes.size() / 2; ++i)
      EXPECT_NEAR(changes[i], changes[changes.size() / 2 + i], 1e-5 * (1 + changes[i]));
  }
}

TEST_P(Learning, NeedsARuleAndGradients) {
  const auto network = make({.batch = 4, .training = true});
  pass(*network);
  EXPECT_THROW(network->update(0.1, 1), UsageError);
  EXPECT_THROW(make({.batch = 4, .update = UpdateRule{}}), UsageError);
  EXPECT_THROW(make({.batch = 4, .training = true, .parameter_gradients = false, .update = UpdateRule{}}),
               UsageError);
}

TEST_P(Learning, AnAverageStartsFromTheWeightsLoaded) {
  const auto network = make(training({.average = 0.9}));
  const std::vector<float> before = copy(whole(*network, SlabId::kParameters));
  EXPECT_EQ(copy(whole(*network, SlabId::kAverage)), before);
  network->exchange_average();
  EXPECT_EQ(copy(whole(*network, SlabId::kParameters)), before);
}

// Whoever adds up the gradients of several machines may begin with those of the last layers.
TEST_P(Learning, TellsWhichGradientsAreFinal) {
  const std::size_t layers = small_network().layers.size();
  std::vector<std::vector<bool>> sets(4, std::vector<bool>(layers, false));
  sets[1][0] = true;                           // conv
  sets[2][6] = true;                           // fc1
  std::fill_n(sets[3].begin(), layers, true);  // nothing learns
  for (const std::vector<bool>& frozen : sets) {
    CompileOptions options = training({});
    options.frozen = frozen;
    const auto network = make(options);
    std::vector<std::pair<std::size_t, std::vector<float>>> reported;
    // The second pass: what is left of the first must not be taken for it.
    pass(*network);
    for (float& value : network->input()) value += 1;
    const std::size_t size = network->slab_size(SlabId::kGradients);
    pass(*network, [&](std::size_t offset) {
      reported.emplace_back(offset, copy(network->download(SlabId::kGradients, offset, size - offset)));
    });
    const std::vector<float> all = copy(whole(*network, SlabId::kGradients));
    ASSERT_FALSE(reported.empty());
    EXPECT_EQ(reported.back().first, 0U);
    for (std::size_t i = 0; i < reported.size(); ++i) {
      const auto& [offset, tail] = reported[i];
      if (i > 0) {
        EXPECT_LT(offset, reported[i - 1].first);
      }
      EXPECT_TRUE(std::equal(tail.begin(), tail.end(), all.begin() + static_cast<std::ptrdiff_t>(offset)));
    }
    if (frozen == sets[0]) {
      EXPECT_GE(reported.size(), 3U);
    }
  }
}

// What a row of a batch goes through does not depend on who computes it.
TEST_P(Learning, HalfABatchHasItsPartOfTheMasks) {
  const NetworkSpec spec{
      "", {20, 5, 4}, {{"drop", Dropout{0.5F}}, {"flatten", Flatten{}}, {"drop2", Dropout{0.2F}}}};
  const auto of_ones = [&](int batch, std::int64_t first_row) {
    const auto network = compile(GetParam(), spec, {.batch = batch, .training = true});
    network->load({});
    std::ranges::fill(network->input(), 1.0F);
    network->forward({.pass = Pass::kTraining, .seed = 5, .step = 6, .first_row = first_row});
    return copy(network->logits());
  };
  std::vector<float> halves = of_ones(3, 0);
  std::ranges::copy(of_ones(3, 3), std::back_inserter(halves));
  EXPECT_EQ(halves, of_ones(6, 0));
}

INSTANTIATE_TEST_SUITE_P(Engines, ComparedLearning, testing::ValuesIn(compared_engines()),
                         [](const auto& parameter) { return parameter.param; });
INSTANTIATE_TEST_SUITE_P(Engines, Learning, testing::ValuesIn(available_engines()),
                         [](const auto& parameter) { return parameter.param; });

}  // namespace
}  // namespace alexnet
