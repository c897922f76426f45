// The reference's gradients against differences of its own outputs.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

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

class FiniteDifference : public testing::TestWithParam<OpCase> {
 protected:
  FiniteDifference() : network_(find_engine(kReference).compile(GetParam().spec, options())) {
    network_->load(case_weights(GetParam()));
    std::ranges::copy(case_input(GetParam()), network_->input().begin());
    slopes_ = case_logits_gradient(GetParam());
  }

  static CompileOptions options() {
    CompileOptions options;
    options.batch = GetParam().batch;
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

  double difference(float& value) {
    const float at = value;
    const auto loss_at = [&](float steps) {
      value = at + steps * kStep;
      return loss();
    };
    const double slope = (8 * (loss_at(1) - loss_at(-1)) - (loss_at(2) - loss_at(-2))) / (12 * double{kStep});
    value = at;
    return slope;
  }

  void check(const std::string& name, std::span<float> values, std::span<const float> gradient) {
    double largest = 0;
    for (const float slope : gradient) largest = std::max(largest, std::abs(double{slope}));
    const std::size_t stride = std::max<std::size_t>(1, values.size() / kTried);
    for (std::size_t i = 0; i < values.size(); i += stride)
      EXPECT_NEAR(difference(values[i]), gradient[i], kTolerance * std::max(largest, 0.1))
          << name << '[' << i << ']';
  }

  void check_all() {
    loss();
    std::ranges::copy(slopes_, network_->logits_gradient().begin());
    network_->backward();
    const std::vector<float> gradients(network_->gradients().begin(), network_->gradients().end());
    std::vector<float> input_gradient(network_->input().size());
    network_->read_input_gradient(input_gradient);

    check("input", network_->input(), input_gradient);
    for (const SlabEntry& entry : network_->parameter_layout())
      check(entry.info.name, network_->parameters().subspan(entry.offset, entry.count),
            std::span(gradients).subspan(entry.offset, entry.count));
  }

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

INSTANTIATE_TEST_SUITE_P(Cases, FiniteDifference, testing::ValuesIn(differentiable_cases()),
                         cases::case_name);

}  // namespace
}  // namespace alexnet
