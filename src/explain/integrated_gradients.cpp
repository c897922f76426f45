// Sundararajan, Taly & Yan, "Axiomatic attribution for deep networks", 2017.
#include <algorithm>
#include <vector>

#include "alexnet/error.h"
#include "engine/registry/registry.h"
#include "explain/method.h"

namespace alexnet {
namespace {

class IntegratedGradients final : public Method {
 public:
  IntegratedGradients(const Model& model, const ExplainOptions& options)
      : input_(model.spec.input), steps_(options.steps) {
    if (steps_ < 1) throw UsageError("steps", "must be at least 1");
    batch_ = std::min(options.batch, steps_);
    network_ =
        find_engine(options.engine)
            .compile(
                model.spec,
                {.batch = batch_, .training = true, .input_gradient = true, .parameter_gradients = false});
    network_->load(model.weights);
    gradients_.resize(network_->input().size());
  }

  Tensor map(std::span<const float> chw, int target) override {
    std::vector<double> sums(chw.size(), 0.0);
    for (int first = 0; first < steps_; first += batch_) {
      const int count = std::min(batch_, steps_ - first);
      take_gradients(chw, first, count, target);
      for (int row = 0; row < count; ++row) {
        const float* gradient = gradients_.data() + static_cast<std::size_t>(row) * chw.size();
        for (std::size_t i = 0; i < chw.size(); ++i) sums[i] += gradient[i];
      }
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
  void take_gradients(std::span<const float> chw, int first, int count, int target) {
    const std::size_t classes = network_->logits().size() / static_cast<std::size_t>(batch_);
    std::vector<float> scores(network_->logits().size());
    for (int row = 0; row < count; ++row) {
      const auto place = static_cast<float>((first + row + 0.5) / steps_);
      std::ranges::transform(chw, network_->input().begin() + static_cast<std::size_t>(row) * chw.size(),
                             [place](float value) { return place * value; });
      scores[static_cast<std::size_t>(row) * classes + static_cast<std::size_t>(target)] = 1.0F;
    }
    network_->forward({});
    network_->set_logits_gradient(scores);
    network_->backward();
    network_->read_input_gradient(gradients_);
  }

  Extent input_;
  int steps_ = 1, batch_ = 1;
  std::unique_ptr<CompiledNetwork> network_;
  std::vector<float> gradients_;
};

}  // namespace

std::unique_ptr<Method> make_integrated_gradients(const Model& model, const ExplainOptions& options) {
  return std::make_unique<IntegratedGradients>(model, options);
}

}  // namespace alexnet
