// Every engine's gradients against differences of its own outputs.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <tuple>

#include "tests/engine/op_case_printer.h"
#include "tests/engine/op_cases.h"
#include "tests/every_engine.h"

namespace alexnet {
namespace {

using cases::OpCase;

/// Step of the four-point difference. A power of two, so that most steps are exact; small enough to stay on
/// one side of every kink of Input::kSpaced with two steps.
constexpr float kStep = 0x1p-6F;
/// Of the largest gradient in a tensor. Outputs are float32: of values near 1 the difference of two, divided
/// by 4 steps, knows about 2e-6; the fourth-order remainder of the strongest curvature here (batch
/// normalisation of few values) is larger.
constexpr double kTolerance = 2e-3;
/// Elements tried of each tensor, spread evenly.
constexpr std::size_t kTried = 40;

class FiniteDifference : public testing::TestWithParam<std::tuple<OpCase, std::string>> {
 protected:
  FiniteDifference() : network_(compile(std::get<1>(GetParam()), case_.spec, options())) {
    network_->load(case_weights(case_));
    std::ranges::copy(case_input(case_), network_->input().begin());
    slopes_ = case_logits_gradient(case_);
  }

  CompileOptions options() const {
    CompileOptions options;
    options.batch = case_.batch;
    options.training = options.input_gradient = true;
    return options;
  }

  /// The loss whose gradient the logits' gradient is: their weighted sum.
  double loss() {
    network_->forward(pass_);
    double sum = 0;
    for (std::size_t i = 0; i < slopes_.size(); ++i) sum += double{slopes_[i]} * network_->logits()[i];
    return sum;
  }

  /// `set` writes the value, which is `at`.
  template <class Set>
  double difference(float at, const Set& set) {
    const auto loss_at = [&](float steps) {
      set(at + steps * kStep);
      return loss();
    };
    const double derivative =
        (8 * (loss_at(1) - loss_at(-1)) - (loss_at(2) - loss_at(-2))) / (12 * double{kStep});
    set(at);
    return derivative;
  }

  /// `set` writes the value of an index.
  template <class Set>
  void check(const std::string& name, std::span<const float> values, std::span<const float> gradient,
             const Set& set) {
    double largest = 0;
    for (const float derivative : gradient) largest = std::max(largest, std::abs(double{derivative}));
    const std::size_t stride = std::max<std::size_t>(1, values.size() / kTried);
    for (std::size_t i = 0; i < values.size(); i += stride)
      EXPECT_NEAR(difference(values[i], [&](float value) { set(i, value); }), gradient[i],
                  kTolerance * std::max(largest, 0.1))
          << name << '[' << i << ']';
  }

  void check_all() {
    loss();
    network_->set_logits_gradient(slopes_);
    network_->backward();
    const std::span<const float> slab = whole(*network_, SlabId::kGradients);
    const std::vector<float> gradients(slab.begin(), slab.end());
    std::vector<float> input_gradient(network_->input().size());
    network_->read_input_gradient(input_gradient);

    const std::vector<float> input(network_->input().begin(), network_->input().end());
    check("input", input, input_gradient, [&](std::size_t i, float value) { network_->input()[i] = value; });
    for (const SlabEntry& entry : network_->parameter_layout()) {
      const std::span<const float> tensor =
          network_->download(SlabId::kParameters, entry.offset, entry.count);
      check(entry.info.name, std::vector<float>(tensor.begin(), tensor.end()),
            std::span(gradients).subspan(entry.offset, entry.count), [&](std::size_t i, float value) {
              network_->upload(SlabId::kParameters, entry.offset + i, std::span(&value, 1));
            });
    }
  }

  const OpCase case_ = std::get<0>(GetParam());
  PassOptions pass_{Pass::kTraining, 5, 3};
  std::unique_ptr<CompiledNetwork> network_;
  std::vector<float> slopes_;
};

TEST_P(FiniteDifference, EveryGradient) { check_all(); }

TEST_P(FiniteDifference, EveryGradientOfAnInferencePass) {
  pass_.pass = Pass::kInference;
  check_all();
}

std::vector<OpCase> differentiable_cases() {
  std::vector<OpCase> list;
  std::ranges::copy_if(cases::op_cases(), std::back_inserter(list), &OpCase::differentiable);
  return list;
}

INSTANTIATE_TEST_SUITE_P(Cases, FiniteDifference,
                         testing::Combine(testing::ValuesIn(differentiable_cases()),
                                          testing::ValuesIn(available_engines())),
                         cases::case_and_engine);

}  // namespace
}  // namespace alexnet
