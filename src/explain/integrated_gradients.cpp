// Sundararajan, Taly & Yan, "Axiomatic attribution for deep networks", 2017.
#include <algorithm>
#include <optional>
#include <vector>

#include "alexnet/error.h"
#include "explain/method.h"
#include "explain/score_gradient.h"

namespace alexnet {
namespace {

class IntegratedGradients final : public Method {
 public:
  IntegratedGradients(const Model& model, const ExplainOptions& options)
      : input_(model.spec.input), steps_(options.steps) {
    if (steps_ < 1) throw UsageError("steps", "must be at least 1");
    batch_ = std::min(options.batch, steps_);
    gradient_.emplace(model.spec, model.weights, options.engine, batch_);
  }

  Tensor map(std::span<const float> chw, int target) override {
    std::vector<double> sums(chw.size(), 0.0);
    for (int first = 0; first < steps_; first += batch_) {
      const int count = std::min(batch_, steps_ - first);
      const std::span<const float> gradients = gradients_at(chw, first, count, target);
      for (std::size_t row = 0; row < gradients.size(); row += chw.size())
        for (std::size_t i = 0; i < chw.size(); ++i) sums[i] += gradients[row + i];
    }
    const std::size_t plane = chw.size() / static_cast<std::size_t>(input_.channels);
    Tensor result({input_.height, input_.width});
    for (std::size_t pixel = 0; pixel < plane; ++pixel) {
      double value = 0;
      for (std::size_t i = pixel; i < chw.size(); i += plane) value += sums[i] / steps_ * chw[i];
      result.values[pixel] = static_cast<float>(value);
    }
    return result;
  }

 private:
  /// At `count` points of the way from step `first` on; 0, the mean colour, is where it starts.
  std::span<const float> gradients_at(std::span<const float> chw, int first, int count, int target) {
    for (int row = 0; row < count; ++row) {
      const auto place = static_cast<float>((first + row + 0.5) / steps_);
      std::ranges::transform(chw, gradient_->row(static_cast<std::size_t>(row)).begin(),
                             [place](float value) { return place * value; });
    }
    return gradient_->compute(static_cast<std::size_t>(count), target);
  }

  Extent input_;
  int steps_ = 1, batch_ = 1;
  std::optional<ScoreGradient> gradient_;
};

}  // namespace

std::unique_ptr<Method> make_integrated_gradients(const Model& model, const ExplainOptions& options) {
  return std::make_unique<IntegratedGradients>(model, options);
}

}  // namespace alexnet
